// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "offsetstore/registry.h"

namespace offsetstore::testing {

/// What an examination says, check by check.
class Examined {
 public:
  explicit Examined(Examination examination) : examination_(std::move(examination)) {}

  [[nodiscard]] const StoreInfo& info() const noexcept { return examination_.info; }
  /// Throws where there is no such check.
  [[nodiscard]] const Finding& Of(std::string_view check) const {
    const auto& findings = examination_.findings;
    const auto found =
        std::ranges::find_if(findings, [&](const auto& one) { return one.check == check; });
    if (found == findings.end()) throw std::runtime_error("no check " + std::string(check));
    return *found;
  }
  [[nodiscard]] Grade operator[](std::string_view check) const { return Of(check).grade; }
  [[nodiscard]] bool Has(std::string_view check) const {
    return std::ranges::any_of(examination_.findings,
                               [&](const auto& one) { return one.check == check; });
  }
  [[nodiscard]] bool Says(std::string_view check, std::string_view words) const {
    return (Of(check).detail + Of(check).advice).find(words) != std::string::npos;
  }
  /// Whether no check is a warning or failed.
  [[nodiscard]] bool Healthy() const {
    return std::ranges::all_of(examination_.findings, [](const auto& one) {
      return one.grade == Grade::kOk || one.grade == Grade::kUnknown;
    });
  }

 private:
  Examination examination_;
};

/// A registry of one backend, and what it says of a URI.
class Examiner {
 public:
  explicit Examiner(Status (*add)(BackendRegistry&)) {
    if (const Status added = add(registry_); !added) throw std::runtime_error("register");
  }

  [[nodiscard]] Result<Examination> Try(const std::string& uri) const {
    auto parsed = ParseUri(uri);
    if (!parsed) return std::move(parsed).error();
    return registry_.Examine(*parsed, Deadline::After(std::chrono::seconds(30)));
  }
  /// Throws where it cannot be looked at.
  [[nodiscard]] Examined operator()(const std::string& uri) const {
    auto examination = Try(uri);
    if (!examination) throw std::runtime_error(ToString(examination.error()));
    return Examined(*std::move(examination));
  }
  /// The statements of `offsetctl schema`; throws where there are none.
  [[nodiscard]] std::string Schema(const std::string& uri) const {
    const auto parsed = ParseUri(uri);
    if (!parsed) throw std::runtime_error(ToString(parsed.error()));
    const auto schema = registry_.Schema(*parsed);
    if (!schema) throw std::runtime_error(ToString(schema.error()));
    return *schema;
  }

 private:
  BackendRegistry registry_;
};

}  // namespace offsetstore::testing
