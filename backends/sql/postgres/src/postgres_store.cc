// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "backing.h"
#include "check_options.h"
#include "conninfo.h"
#include "durability.h"
#include "internal/macros.h"
#include "offsetstore/backends/postgres.h"
#include "reader.h"
#include "schema.h"
#include "schema_text.h"
#include "shared/format.h"
#include "statements.h"
#include "writer.h"

namespace offsetstore {
namespace {

constexpr std::size_t kLongestMetadata = std::size_t{1} << 20U;
constexpr std::size_t kLargestBatch = 100'000;

StoreInfo MakeInfo(const PostgresOptions& options, std::string endpoint, std::string store_id) {
  StoreInfo info;
  info.scheme = "postgresql";
  info.endpoint = std::move(endpoint);
  info.store_id = std::move(store_id);
  info.space = options.space;
  info.capabilities = {.fenced_commits = true,
                       .conditional_commits = true,
                       .atomic_batch = true,
                       .in_callers_transaction = true,
                       .keeps_metadata = true,
                       .keeps_commit_time = true,
                       .lists_groups = true};
  info.limits = {.names = NameDomain::kText,
                 .topic_bytes = postgres::kLongestName,
                 .group_bytes = postgres::kLongestName,
                 .metadata_bytes = kLongestMetadata,
                 .atomic_batch = kLargestBatch};
  return info;
}

class PostgresStore final : public OffsetStore {
 public:
  PostgresStore(StoreInfo info, std::unique_ptr<postgres::Backing> backing)
      : info_(std::move(info)), backing_(std::move(backing)) {}
  PostgresStore(const PostgresStore&) = delete;
  PostgresStore& operator=(const PostgresStore&) = delete;
  ~PostgresStore() override {
    if (::getpid() != pid_) backing_->pool.Abandon();
  }

  [[nodiscard]] const StoreInfo& Info() const noexcept override { return info_; }
  [[nodiscard]] Result<GroupPage> ListGroups(const PageRequest& page, Deadline deadline) override {
    OS_RETURN_IF_ERROR(CheckUsable());
    return postgres::Reader(*backing_).ListGroups(page, deadline);
  }
  [[nodiscard]] Answers<Read> Fetch(std::string_view group,
                                    const Selection& selection,
                                    Deadline deadline) override {
    OS_RETURN_IF_ERROR(CheckUsable());
    return postgres::Reader(*backing_).Fetch(group, selection, deadline);
  }
  [[nodiscard]] Answers<ClaimAnswer> Claim(std::string_view group,
                                           std::span<const ClaimRequest> requests,
                                           const Owner& by,
                                           Deadline deadline) override {
    OS_RETURN_IF_ERROR(CheckUsable());
    return postgres::Writer(*backing_).Claim(group, requests, by, deadline);
  }
  [[nodiscard]] Answers<Outcome> Commit(std::string_view group,
                                        std::span<const Move> moves,
                                        const Owner& by,
                                        Atomicity atomicity,
                                        Deadline deadline) override {
    OS_RETURN_IF_ERROR(CheckUsable());
    return postgres::Writer(*backing_).Commit(group, moves, by, atomicity, deadline);
  }
  [[nodiscard]] Answers<Outcome> Release(std::string_view group,
                                         std::span<const Claimed> claims,
                                         Deadline deadline) override {
    OS_RETURN_IF_ERROR(CheckUsable());
    return postgres::Writer(*backing_).Release(group, claims, deadline);
  }
  [[nodiscard]] Answers<Outcome> Remove(std::string_view group,
                                        std::span<const Removal> removals,
                                        const Owner& by,
                                        Deadline deadline) override {
    OS_RETURN_IF_ERROR(CheckUsable());
    return postgres::Writer(*backing_).Remove(group, removals, by, deadline);
  }
  [[nodiscard]] Status Close(Deadline /*deadline*/) override {
    OS_RETURN_IF_ERROR(CheckUsable());
    backing_->pool.Close();
    return {};
  }

 private:
  /// This is the process that opened it.
  [[nodiscard]] Status CheckUsable() const {
    if (::getpid() == pid_) return {};
    return MakeError(ErrorCode::kUnsupported,
                     "the store was opened before fork() and cannot be used in the child; open it "
                     "only after fork()");
  }

  StoreInfo info_;
  pid_t pid_ = ::getpid();
  std::unique_ptr<postgres::Backing> backing_;
};

}  // namespace

Result<std::unique_ptr<OffsetStore>> OpenPostgresStore(const PostgresOptions& options,
                                                       Deadline deadline) {
  OS_RETURN_IF_ERROR(postgres::CheckOptions(options));
  OS_ASSIGN_OR_RETURN(postgres::Servers servers, postgres::ToServers(options));
  const postgres::TableNames names(options.schema, options.table);
  std::unique_ptr<postgres::Backing> backing(
      new postgres::Backing{postgres::Pool(std::move(servers.each), options.pool),
                            postgres::Statements(names),
                            options.space,
                            options.prepare == PostgresOptions::Prepare::kAuto});
  StoreInfo info;
  {
    OS_ASSIGN_OR_RETURN(const postgres::Pool::Lease lease, backing->pool.Borrow(deadline));
    OS_ASSIGN_OR_RETURN(std::string store_id,
                        postgres::PrepareSchema(*lease, names, options.create, deadline));
    info = MakeInfo(options, std::move(servers.endpoint), std::move(store_id));
    OS_RETURN_IF_ERROR(postgres::DescribeDurability(*lease, deadline, info));
  }
  return std::unique_ptr<OffsetStore>(
      std::make_unique<PostgresStore>(std::move(info), std::move(backing)));
}

std::string PostgresSchema(const PostgresOptions& options) {
  const postgres::TableNames names(options.schema, options.table);
  std::string text = "BEGIN;\n";
  for (const postgres::Statement& statement :
       postgres::SchemaStatements(names, sql::NewStoreId())) {
    text += statement.sql + ";\n";
  }
  return text + "COMMIT;\n";
}

}  // namespace offsetstore
