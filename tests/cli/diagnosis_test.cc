// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <vector>

#include "doctor.h"

namespace offsetstore::cli {
namespace {

Patient Healthy(std::vector<Finding> findings = {}) {
  Examination examination;
  examination.info.scheme = "stub";
  examination.info.durability = Durability::kPowerLoss;
  examination.findings = std::move(findings);
  return {"", examination};
}

Patient Broken(ErrorCode code) {
  return {"", MakeError(code, "x")};
}

ExitCode CodeOfPatients(const std::vector<Patient>& patients) {
  return DoctorCode(patients, {});
}

TEST_CASE("a warning or a failure is 6, a missing right 8, what is unknown no fault") {
  CHECK(CodeOfPatients({Healthy()}) == ExitCode::kDone);
  CHECK(CodeOfPatients({Healthy({{"eviction", Grade::kUnknown, "", ""}})}) == ExitCode::kDone);
  CHECK(CodeOfPatients({Healthy({{"eviction", Grade::kWarning, "", ""}})}) ==
        ExitCode::kVerification);
  CHECK(CodeOfPatients({Healthy({{"primary", Grade::kFailed, "", ""}})}) ==
        ExitCode::kVerification);
  CHECK(CodeOfPatients({Healthy({{"rights", Grade::kFailed, "", ""}})}) == ExitCode::kPermission);
  CHECK(CodeOfPatients({Healthy({{"rights", Grade::kWarning, "", ""}})}) ==
        ExitCode::kVerification);
}

TEST_CASE("why a store could not be opened decides, of two stores before any warning") {
  CHECK(CodeOfPatients({Broken(ErrorCode::kUnavailable)}) == ExitCode::kUnreachable);
  CHECK(CodeOfPatients({Broken(ErrorCode::kPermissionDenied)}) == ExitCode::kPermission);
  CHECK(CodeOfPatients({Broken(ErrorCode::kUnsupported)}) == ExitCode::kFailed);
  const Patient warned = Healthy({{"eviction", Grade::kWarning, "", ""}});
  CHECK(CodeOfPatients({warned, Broken(ErrorCode::kUnavailable)}) == ExitCode::kUnreachable);
  CHECK(CodeOfPatients({Healthy(), warned}) == ExitCode::kVerification);
}

TEST_CASE("an error of opening is the check that it answers") {
  const auto check = [](ErrorCode code) { return Diagnose(Broken(code), {}).front().check; };
  CHECK(check(ErrorCode::kUnavailable) == "connection");
  CHECK(check(ErrorCode::kDeadlineExceeded) == "connection");
  CHECK(check(ErrorCode::kConfigInvalid) == "configuration");
  CHECK(check(ErrorCode::kPermissionDenied) == "rights");
  CHECK(check(ErrorCode::kUnsupported) == "version");
  CHECK(check(ErrorCode::kCorrupt) == "contents");
}

TEST_CASE("an error of opening comes with what to do") {
  const auto advice = [](ErrorCode code) { return Diagnose(Broken(code), {}).front().advice; };
  CHECK(advice(ErrorCode::kUnavailable).find("server runs") != std::string::npos);
  CHECK(advice(ErrorCode::kConfigInvalid).find("correct the URI") != std::string::npos);
  CHECK(advice(ErrorCode::kPermissionDenied).find("docs/backends") != std::string::npos);
  CHECK_FALSE(advice(ErrorCode::kUnsupported).empty());
  CHECK_FALSE(advice(ErrorCode::kCorrupt).empty());
}

TEST_CASE("the guarantee says what is lost and who can still write") {
  StoreInfo info;
  info.capabilities.fenced_commits = true;
  for (const auto& [durability, words] :
       {std::pair{Durability::kProcess, "as long as the process"},
        std::pair{Durability::kProcessCrash, "but not over a crash of the system"},
        std::pair{Durability::kPowerLoss, "loss of power"},
        std::pair{Durability::kReplicaLoss, "loss of one machine"}}) {
    info.durability = durability;
    CHECK(GuaranteeOf(info).find(words) != std::string::npos);
    CHECK(GuaranteeOf(info).find("cannot move the position") != std::string::npos);
  }
  info.capabilities.fenced_commits = false;
  CHECK(GuaranteeOf(info).find("no claims") != std::string::npos);
}

}  // namespace
}  // namespace offsetstore::cli
