// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <thread>

namespace offsetstore::testing {

/// Answers the first bytes of every connection with the same words: a server that cannot be had.
/// Throws where it cannot listen.
class CannedServer {
 public:
  enum class Then : std::uint8_t { kStay, kClose };

  explicit CannedServer(std::string words, Then then = Then::kStay);
  CannedServer(const CannedServer&) = delete;
  CannedServer& operator=(const CannedServer&) = delete;
  ~CannedServer();

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

  /// The replies to what a store says first: `INFO`, two scripts, two settings.
  [[nodiscard]] static std::string Greeting(std::string_view info);

 private:
  void Serve();

  std::string words_;
  Then then_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace offsetstore::testing
