// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "console.h"
#include "demo/workers.h"
#include "internal/macros.h"
#include "into/into_run.h"
#include "offsetstore/consumer.h"

namespace offsetstore::cli {
namespace {

constexpr std::chrono::seconds kOpenWait{10};

struct TableWorkerArguments {
  std::string config;
  std::string into;
  std::int64_t work = 0;
};

/// A table for each of whose rows some work is done first.
class WorkedTable final : public ResultTable {
 public:
  WorkedTable(std::unique_ptr<ResultTable> table, std::chrono::microseconds work)
      : table_(std::move(table)), work_(work) {}

  [[nodiscard]] Result<std::unique_ptr<TransactionalPositions>> Connect(
      const StoreInfo& store, const std::string& group, Deadline deadline) override {
    return table_->Connect(store, group, deadline);
  }
  [[nodiscard]] Status Prepare(Deadline deadline) override { return table_->Prepare(deadline); }
  [[nodiscard]] Status Write(std::span<Record* const> records) override {
    for (std::size_t i = 0; i < records.size(); ++i) {
      Work(work_);
      OS_RETURN_IF_ERROR(table_->Write(records.subspan(i, 1)));
    }
    return {};
  }
  [[nodiscard]] bool IsFull(const Error& error) const noexcept override {
    return table_->IsFull(error);
  }

 private:
  std::unique_ptr<ResultTable> table_;
  std::chrono::microseconds work_;
};

Result<ExitCode> Consume(const BackendRegistry& registry, const TableWorkerArguments& arguments) {
  OS_ASSIGN_OR_RETURN(const IntoUri into, ParseInto(arguments.into));
  OS_ASSIGN_OR_RETURN(auto plain, NewResultTable(into, Values::kPlain));
  WorkedTable table(std::move(plain), std::chrono::microseconds(arguments.work));
  OS_ASSIGN_OR_RETURN(const Properties properties, ReadProperties(arguments.config));
  ConsumerOptions options;
  options.registry = &registry;
  OS_ASSIGN_OR_RETURN(const auto consumer, Consumer::Open(properties, options));
  OS_RETURN_IF_ERROR(PrepareTable(registry, properties, into, table, Deadline::After(kOpenWait)));
  ConsumeLimits limits;
  limits.exit_at_end = true;
  return ConsumeInto(table, *consumer, limits);
}

}  // namespace

void AddDemoTable(CLI::App& app, const BackendRegistry& registry, Job& job) {
  CLI::App* command = app.add_subcommand("demo-table")->group("");
  const auto arguments = std::make_shared<TableWorkerArguments>();  // shared with the job
  command->add_option("--config", arguments->config)->required();
  command->add_option("--into", arguments->into)->required();
  command->add_option("--work", arguments->work)->required();
  command->callback([&registry, &job, arguments] {
    job = [&registry, arguments] {
      const Result<ExitCode> code = Consume(registry, *arguments);
      return code ? *code : Fail(code.error());
    };
  });
}

}  // namespace offsetstore::cli
