// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "internal/macros.h"
#include "text_form.h"
#include "transport.h"

namespace offsetstore::postgres {
namespace {

Error NotByPort() {
  return MakeError(ErrorCode::kUnsupported,
                   "the connection belongs to a client of yours; begin and end transactions there");
}

class PortTransport final : public Transport {
 public:
  explicit PortTransport(PostgresPort& port) : port_(port) {}

  // What the client knows, it does not say; the server will.
  [[nodiscard]] Status CheckInTransaction() const override { return {}; }

  [[nodiscard]] Result<std::vector<PgResult>> Run(std::span<const Command> commands,
                                                  std::string_view /*doing*/,
                                                  Deadline deadline) override {
    std::vector<PgResult> results;
    for (const Command& command : commands) {
      OS_ASSIGN_OR_RETURN(PgResult result, RunOne(command, deadline));
      results.push_back(std::move(result));
    }
    return results;
  }

  [[nodiscard]] Status Begin(Deadline /*deadline*/) override { return NotByPort(); }
  [[nodiscard]] Status Commit(Deadline /*deadline*/) override { return NotByPort(); }
  void Rollback() noexcept override {}

 private:
  Result<PgResult> RunOne(const Command& command, Deadline deadline) {
    const Statement& statement = *command.statement;
    const Parameters::View view = command.parameters.ToView();
    std::vector<PostgresPort::Value> values;
    for (std::size_t i = 0; i < view.values.size(); ++i) {
      const std::string_view binary(view.values[i], static_cast<std::size_t>(view.lengths[i]));
      values.emplace_back(ToText(statement.types[i], binary));
    }
    OS_ASSIGN_OR_RETURN(const PostgresPort::Rows rows,
                        port_.Execute(statement.sql, values, deadline));
    return ToBinary(rows, statement.columns);
  }

  PostgresPort& port_;
};

}  // namespace

std::unique_ptr<Transport> MakePortTransport(PostgresPort& port) {
  return std::make_unique<PortTransport>(port);
}

}  // namespace offsetstore::postgres
