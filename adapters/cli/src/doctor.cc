// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "doctor.h"

#include <algorithm>
#include <vector>

#include "offsetstore/uri.h"
#include "views.h"

namespace offsetstore::cli {
namespace {

/// The check that an error of opening answers.
std::string CheckOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kConfigInvalid:
      return "configuration";
    case ErrorCode::kUnavailable:
    case ErrorCode::kDeadlineExceeded:
      return "connection";
    case ErrorCode::kPermissionDenied:
      return std::string(kRightsCheck);
    case ErrorCode::kUnsupported:
      return std::string(kVersionCheck);
    default:
      return "contents";
  }
}

/// What to do about an error of opening, beside what its text says.
std::string AdviceOn(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kConfigInvalid:
      return "correct the URI, or make what it names first: looking makes nothing";
    case ErrorCode::kUnavailable:
    case ErrorCode::kDeadlineExceeded:
      return "see that the server runs and that host and port are right; --timeout gives it longer";
    case ErrorCode::kPermissionDenied:
      return "correct user and password, or give the user the rights that the page of this kind of "
             "store lists (docs/backends)";
    case ErrorCode::kUnsupported:
      return "use what the page of this kind of store names as supported (docs/backends)";
    default:
      return "stop its consumers and bring back a copy that is sound, or name another store";
  }
}

Finding Connected(const StoreInfo& info) {
  std::string detail = info.scheme + " " + info.endpoint;
  if (!info.space.empty()) detail += ", space '" + Printable(info.space) + "'";
  return {"connection", Grade::kOk, detail + ", store id " + Printable(info.store_id), {}};
}

Finding Durable(const StoreInfo& info, const Demand& demand) {
  Finding finding{"durability", Grade::kOk, std::string(ToString(info.durability)), {}};
  if (!info.durability_note.empty()) finding.detail += ": " + info.durability_note;
  if (info.durability >= demand.durability) return finding;
  finding.grade = Grade::kFailed;
  finding.advice = "make it survive " + std::string(ToString(demand.durability)) +
                   ", or say --durability " + std::string(ToString(info.durability)) +
                   " where that is enough";
  return finding;
}

bool IsBad(const Finding& finding) {
  return finding.grade == Grade::kWarning || finding.grade == Grade::kFailed;
}

ExitCode CodeOf(const Patient& patient, const Demand& demand) {
  if (!patient.found) return ExitCodeOf(patient.found.error());
  const std::vector<Finding> findings = Diagnose(patient, demand);
  const bool without_rights = std::ranges::any_of(findings, [](const Finding& finding) {
    return finding.check == kRightsCheck && finding.grade == Grade::kFailed;
  });
  if (without_rights) return ExitCode::kPermission;
  return std::ranges::any_of(findings, IsBad) ? ExitCode::kVerification : ExitCode::kDone;
}

Json ToRow(const Finding& finding, const std::string& store) {
  Json row = {
      {"check", finding.check}, {"result", ToString(finding.grade)}, {"detail", finding.detail}};
  if (!finding.advice.empty()) row["advice"] = finding.advice;
  if (!store.empty()) row["store"] = store;
  return row;
}

void AddToTable(const Finding& finding, const std::string& store, Report& report) {
  const std::string check = store.empty() ? finding.check : store + " " + finding.check;
  report.rows.push_back(
      {{"check", check}, {"result", ToString(finding.grade)}, {"detail", finding.detail}});
  if (finding.advice.empty()) return;
  report.rows.push_back({{"check", ""}, {"result", ""}, {"detail", "-> " + finding.advice}});
}

}  // namespace

std::vector<Finding> Diagnose(const Patient& patient, const Demand& demand) {
  if (!patient.found) {
    const Error& error = patient.found.error();
    return {{CheckOf(error.code), Grade::kFailed, Redacted(ToString(error)), AdviceOn(error.code)}};
  }
  const StoreInfo& info = patient.found->info;
  std::vector<Finding> findings = {Connected(info)};
  const auto& own = patient.found->findings;
  findings.insert(findings.end(), own.begin(), own.end());
  findings.push_back(Durable(info, demand));
  findings.push_back({"guarantee", Grade::kOk, GuaranteeOf(info), {}});
  return findings;
}

Report DoctorReport(std::span<const Patient> patients, const Demand& demand, OutputForm form) {
  const bool table = form == OutputForm::kTable;
  Report report;
  report.head["healthy"] = DoctorCode(patients, demand) == ExitCode::kDone;
  report.head["stores"] = Json::array();
  report.rows_name = "checks";
  report.columns = {"check", "result", "detail"};
  if (!table) report.columns.insert(report.columns.end(), {"advice", "store"});
  for (const Patient& patient : patients) {
    if (patient.found) report.head["stores"].push_back(StoreJson(patient.found->info));
    for (const Finding& finding : Diagnose(patient, demand)) {
      if (table) {
        AddToTable(finding, patient.name, report);
      } else {
        report.rows.push_back(ToRow(finding, patient.name));
      }
    }
  }
  return report;
}

ExitCode DoctorCode(std::span<const Patient> patients, const Demand& demand) {
  ExitCode code = ExitCode::kDone;
  for (const Patient& patient : patients) {
    const ExitCode one = CodeOf(patient, demand);
    if (one == ExitCode::kDone) continue;
    if (one != ExitCode::kVerification) return one;
    code = one;
  }
  return code;
}

}  // namespace offsetstore::cli
