// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <sstream>
#include <stdexcept>
#include <string>

namespace offsetstore::testing {

/// What `GET /metrics` on that port of 127.0.0.1 answers, headers and all; empty where nobody
/// listens. Throws where the server hangs.
[[nodiscard]] inline std::string Scrape(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  const timeval bound{20, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof(bound));
  const auto* generic = static_cast<const sockaddr*>(static_cast<const void*>(&address));
  std::string text;
  if (::connect(fd, generic, sizeof(address)) == 0) {
    const std::string request =
        "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    static_cast<void>(::send(fd, request.data(), request.size(), MSG_NOSIGNAL));
    std::array<char, 65536> part{};
    ssize_t got = 0;
    while ((got = ::recv(fd, part.data(), part.size(), 0)) > 0) {
      text.append(part.data(), static_cast<std::size_t>(got));
    }
    if (got < 0) text.clear();
    ::close(fd);
    if (got < 0) throw std::runtime_error("no answer to the scrape");
    return text;
  }
  ::close(fd);
  return text;
}

/// The value of exactly that series (`name{label="value"}`, labels sorted by name); empty where the
/// text does not show it.
[[nodiscard]] inline std::string SampleOf(const std::string& text, const std::string& series) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(series + ' ')) return line.substr(series.size() + 1);
  }
  return {};
}

}  // namespace offsetstore::testing
