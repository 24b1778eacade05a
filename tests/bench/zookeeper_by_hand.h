// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// ZooKeeper's client library as a careful user takes it.
#pragma once

#include <zookeeper/zookeeper.h>

#include <atomic>
#include <cstddef>
#include <semaphore>
#include <string>
#include <string_view>

#include "stores.h"

namespace offsetstore::bench {

inline constexpr const char* kZooKeeper = "OFFSETSTORE_TEST_ZOOKEEPER";
/// Requests under way, as many as the store has.
inline constexpr std::ptrdiff_t kWindow = 256;

class ZooKeeperHandle {
 public:
  ZooKeeperHandle() {
    const std::string hosts = ServerOf(kZooKeeper).substr(std::string_view("zookeeper://").size());
    constexpr int kTimeout = 10'000;
    handle_ = zookeeper_init2(
        hosts.c_str(), &OnEvent, kTimeout, nullptr, this, ZOO_NO_LOG_CLIENTENV, &Silence);
    Require(handle_ != nullptr, "zookeeper_init2");
    connected_.wait(false);
  }
  ZooKeeperHandle(const ZooKeeperHandle&) = delete;
  ZooKeeperHandle& operator=(const ZooKeeperHandle&) = delete;
  ~ZooKeeperHandle() { zookeeper_close(handle_); }
  [[nodiscard]] zhandle_t* get() const { return handle_; }

 private:
  static void Silence(const char* /*message*/) {}
  static void OnEvent(zhandle_t* /*handle*/, int, int state, const char* /*path*/, void* self) {
    if (state != ZOO_CONNECTED_STATE) return;
    static_cast<ZooKeeperHandle*>(self)->connected_ = true;
    static_cast<ZooKeeperHandle*>(self)->connected_.notify_all();
  }

  std::atomic<bool> connected_ = false;
  zhandle_t* handle_ = nullptr;
};

/// Places for requests under way, and the worst answer.
class Window {
 public:
  void Enter() { free_.acquire(); }
  void Leave(int code) {
    if (code != ZOK) code_ = code;
    free_.release();
  }
  void AwaitAll() {
    for (std::ptrdiff_t i = 0; i < kWindow; ++i) free_.acquire();
    free_.release(kWindow);
    Require(code_ == ZOK, std::string("zookeeper: ") + zerror(code_));
  }

 private:
  std::counting_semaphore<kWindow> free_{kWindow};
  std::atomic<int> code_ = ZOK;
};

}  // namespace offsetstore::bench
