// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <optional>

#include "command.h"
#include "console.h"
#include "offsetstore/migration/export.h"
#include "offsetstore/migration/output_file.h"
#include "selection_options.h"
#include "store_uri.h"

namespace offsetstore::cli {
namespace {

struct ExportArguments {
  StoreArguments store;
  SelectionOptions selection;
  migration::Format as = migration::Format::kJson;
  std::optional<std::string> output_file;
  std::uint64_t parallel = 8;
};

/// Where the positions go: a file that has its name once it is whole, or standard output.
class ExportOutput {
 public:
  [[nodiscard]] Status Open(const std::optional<std::string>& path) {
    if (!path) return {};
    auto file = migration::OutputFile::Create(*path);
    if (!file) return file.error();
    file_ = *std::move(file);
    return {};
  }

  migration::Sink Sink() {
    return [this](std::string_view piece) -> Status {
      if (file_) return Keep(file_->Write(piece));
      code_ = Print(piece);
      if (code_ == ExitCode::kDone) return {};
      return MakeError(ErrorCode::kUnavailable, "standard output takes no more");
    };
  }

  [[nodiscard]] Status Finish() { return file_ ? Keep(file_->Finish()) : Status(); }

  /// The exit code of `error`, which it says unless that was done: writing has a code of its own.
  [[nodiscard]] ExitCode Explain(const Error& error) const {
    if (code_ == ExitCode::kDone) return Fail(error);
    if (file_) Complain(ToString(error));
    return code_;
  }

 private:
  Status Keep(Status status) {
    if (!status) code_ = ExitCode::kOutput;
    return status;
  }

  std::optional<migration::OutputFile> file_;
  ExitCode code_ = ExitCode::kDone;
};

/// What was left out, and the exit code that says so.
ExitCode SayLosses(const migration::Losses& losses, migration::Format as) {
  for (const std::string& line : migration::Explain(losses, as)) Complain("note: " + line);
  if (!losses.Incomplete()) return ExitCode::kDone;
  return losses.written == 0 ? ExitCode::kFailed : ExitCode::kPartly;
}

ExitCode NothingToWrite(const migration::GroupCount& count, const migration::Losses& losses) {
  std::string why = migration::NothingMeant(count);
  if (why.empty() && losses.absent == 0) why = "the groups have no topic that was asked for";
  if (why.empty()) why = "there are claims, but no positions";
  Complain(why + "; nothing was written");
  return ExitCode::kUsage;
}

ExitCode RunExport(const BackendRegistry& registry, const ExportArguments& arguments) {
  migration::ExportOptions options;
  options.timeout = arguments.store.timeout;
  options.parallel = arguments.parallel;
  Result<migration::Filter> groups = arguments.selection.Groups();
  if (!groups) return Fail(groups.error());
  Result<migration::Filter> topics = arguments.selection.Topics();
  if (!topics) return Fail(topics.error());
  options.groups = *std::move(groups);
  options.topics = *std::move(topics);
  const auto store =
      Open(registry, arguments.store, Purpose::kLook, Deadline::After(options.timeout));
  if (!store) return Fail(store.error());
  ExportOutput output;
  if (const Status opened = output.Open(arguments.output_file); !opened) {
    return Fail(opened.error());
  }
  const auto writer = migration::MakeRowWriter(arguments.as, (*store)->Info(), output.Sink());
  if (!writer) return Fail(writer.error());
  const auto count = migration::ExportStore(**store, options, **writer);
  if (!count) return output.Explain(count.error());
  const migration::Losses& losses = (*writer)->losses();
  // No file of nothing: it would take the place of yesterday's.
  if (losses.written == 0 && !losses.Incomplete()) return NothingToWrite(*count, losses);
  if (losses.written > 0) {
    if (const Status ended = (*writer)->Finish(); !ended) return output.Explain(ended.error());
    if (const Status ended = output.Finish(); !ended) return output.Explain(ended.error());
  }
  const ExitCode code = SayLosses(losses, arguments.as);
  const Status closed = (*store)->Close(Deadline::After(options.timeout));
  return closed ? code : Fail(closed.error());
}

}  // namespace

void AddExport(CLI::App& app, const BackendRegistry& registry, Job& job) {
  CLI::App* command =
      app.add_subcommand("export", "Write positions as a file, ours or of another tool");
  const auto arguments = std::make_shared<ExportArguments>();  // shared with the job
  AddStoreUri(
      *command,
      "STORE-URI",
      arguments->store.uri,
      "Where the positions are, such as sqlite:///var/lib/app/offsets.db; or a profile, @NAME")
      ->required();
  AddTimeout(*command, arguments->store.timeout);
  AddSelectionOptions(*command, arguments->selection);
  command
      ->add_option_function<std::string>(
          "--as",
          [arguments](const std::string& name) { arguments->as = *migration::FormatOf(name); },
          "json (ours, loses nothing), kafka-csv (kafka-consumer-groups), zk (ExportZkOffsets)")
      ->transform(CLI::IsMember({"json", "kafka-csv", "zk"}))
      ->type_name("FORMAT")
      ->required();
  command
      ->add_option("--output-file",
                   arguments->output_file,
                   "Where it goes; appears once it is whole. Else standard output")
      ->type_name("FILE");
  AddParallel(*command, arguments->parallel);
  command->footer(
      "Example:\n"
      "  offsetctl export sqlite:///var/lib/app/offsets.db --group 'payments-.*' --as json "
      "--output-file backup.json");
  command->callback([&registry, &job, arguments] {
    job = [&registry, arguments] { return RunExport(registry, *arguments); };
  });
}

}  // namespace offsetstore::cli
