// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "canned_server.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <utility>
#include <vector>

namespace offsetstore::testing {

CannedServer::CannedServer(std::string words, Then then) : words_(std::move(words)), then_(then) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = static_cast<sockaddr*>(static_cast<void*>(&address));
  if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 8) != 0 ||
      ::getsockname(listener_, generic, &size) != 0) {
    throw std::runtime_error("the canned server cannot listen");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Serve(); });
}

CannedServer::~CannedServer() {
  ::shutdown(listener_, SHUT_RDWR);  // ends accept
  thread_.join();
  ::close(listener_);
}

std::string CannedServer::Greeting(std::string_view info) {
  const std::string text = "# Server\r\n" + std::string(info);
  std::string replies = '$' + std::to_string(text.size()) + "\r\n" + text + "\r\n";
  for (int script = 0; script < 2; ++script) replies += "-NOPERM no script for you\r\n";
  for (int setting = 0; setting < 2; ++setting) replies += "*0\r\n";
  return replies;
}

void CannedServer::Serve() {
  std::vector<int> open;
  for (;;) {
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) break;
    std::array<char, 16384> request{};
    static_cast<void>(::recv(client, request.data(), request.size(), 0));
    static_cast<void>(::send(client, words_.data(), words_.size(), MSG_NOSIGNAL));
    if (then_ == Then::kClose) {
      ::close(client);
    } else {
      open.push_back(client);
    }
  }
  for (const int client : open) ::close(client);
}

}  // namespace offsetstore::testing
