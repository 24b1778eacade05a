// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "reset_options.h"

#include <CLI/CLI.hpp>
#include <utility>

#include "internal/macros.h"
#include "offsetstore/migration/moment.h"
#include "offsetstore/units.h"
#include "targets.h"

namespace offsetstore::cli {
namespace {

using migration::ResetTarget;
using migration::ResetTo;

constexpr const char* kTargets =
    "--to-earliest, --to-latest, --to-current, --to-offset N, --shift-by N, --to-datetime TIME, "
    "--by-duration DURATION, --from-file FILE";

Error Invalid(std::string why) {
  return MakeError(ErrorCode::kInvalidArgument, std::move(why));
}

template <class T>
Result<T> Named(const std::string& option, Result<T> value) {
  if (value) return value;
  return Invalid(option + ": " + value.error().message);
}

Result<ResetTarget> ReadShift(const std::string& text) {
  const bool plus = text.starts_with('+') && !text.starts_with("+-");
  OS_ASSIGN_OR_RETURN(const std::int64_t by,
                      Named("--shift-by", ParseInteger(plus ? text.substr(1) : text)));
  return ResetTarget{.to = ResetTo::kShift, .number = by};
}

Result<ResetTarget> ReadTime(const ResetTargetOptions& options, Time now) {
  if (options.datetime) {
    OS_ASSIGN_OR_RETURN(const Time time,
                        Named("--to-datetime", migration::ParseMoment(*options.datetime, now)));
    return ResetTarget{.to = ResetTo::kTime, .time = time};
  }
  OS_ASSIGN_OR_RETURN(const Duration span,
                      Named("--by-duration", migration::ParseSpan(*options.duration)));
  return ResetTarget{.to = ResetTo::kTime, .time = now - span};
}

Result<ResetTarget> ReadPlain(const ResetTargetOptions& options, Time now) {
  if (options.earliest) return ResetTarget{.to = ResetTo::kEarliest};
  if (options.latest) return ResetTarget{.to = ResetTo::kLatest};
  if (options.current) return ResetTarget{.to = ResetTo::kCurrent};
  if (options.shift) return ReadShift(*options.shift);
  if (!options.offset) return ReadTime(options, now);
  OS_ASSIGN_OR_RETURN(const Position to, Named("--to-offset", ParsePosition(*options.offset)));
  return ResetTarget{.to = ResetTo::kOffset, .number = to.value()};
}

int CountGiven(const ResetTargetOptions& options) {
  int given = 0;
  for (const bool one : {options.earliest,
                         options.latest,
                         options.current,
                         options.offset.has_value(),
                         options.shift.has_value(),
                         options.datetime.has_value(),
                         options.duration.has_value(),
                         options.file.has_value()}) {
    given += one ? 1 : 0;
  }
  return given;
}

}  // namespace

void AddResetTarget(CLI::App& command, ResetTargetOptions& options) {
  command.add_flag("--to-earliest", options.earliest, "To the log's start");
  command.add_flag("--to-latest", options.latest, "To the log's end");
  command.add_flag("--to-current",
                   options.current,
                   "To the position itself, moved into the log; without one to the log's end");
  const auto text =
      [&command](
          const char* name, std::optional<std::string>& value, const char* type, const char* help) {
        command
            .add_option_function<std::string>(
                name, [&value](const std::string& given) { value = given; }, help)
            ->type_name(type);
      };
  text("--to-offset", options.offset, "N", "To this offset");
  text("--shift-by", options.shift, "N", "N further, or back where N is negative");
  text("--to-datetime",
       options.datetime,
       "TIME",
       "To the first record at or after it: 2026-11-27T10:00:00Z, '2026-11-27 10:00' (local time), "
       "'yesterday 10:00', -1h, @1700000000");
  text("--by-duration",
       options.duration,
       "DURATION",
       "To the first record of the last 90m, 2d, P1DT12H, ...");
  text("--from-file",
       options.file,
       "FILE",
       "To what the file has: kafka-consumer-groups' CSV, or any other that 'import' reads");
}

Result<ReadTarget> ReadResetTarget(const ResetTargetOptions& options,
                                   const std::optional<std::string>& group,
                                   Time now) {
  const int given = CountGiven(options);
  if (given == 0) return Invalid(std::string("where to? Give one of ") + kTargets);
  if (given > 1) return Invalid(std::string("more than one target; give one of ") + kTargets);
  ReadTarget read;
  if (!options.file) {
    OS_ASSIGN_OR_RETURN(read.target, ReadPlain(options, now));
    return read;
  }
  OS_ASSIGN_OR_RETURN(migration::Loaded loaded,
                      migration::LoadFileAsStore(*options.file,
                                                 {.name = *options.file,
                                                  .format = std::nullopt,
                                                  .group = std::nullopt,
                                                  .default_group = group}));
  read.file = std::move(loaded.store);
  read.notes = std::move(loaded.notes);
  read.target = {.to = ResetTo::kFile, .file = read.file.get()};
  return read;
}

Result<std::vector<migration::TopicScope>> ReadScope(const std::vector<std::string>& topics) {
  std::vector<migration::TopicScope> scope;
  for (const std::string& text : topics) {
    OS_ASSIGN_OR_RETURN(Target target, ParseTarget(text));
    if (target.topic.empty()) return Invalid("--topic '" + Printable(text) + "': no topic");
    scope.push_back({std::move(target.topic), std::move(target.partitions)});
  }
  return scope;
}

}  // namespace offsetstore::cli
