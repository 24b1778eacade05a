// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <system_error>

#include "internal/macros.h"
#include "signals.h"
#include "sink.h"

namespace offsetstore::cli {
namespace {

constexpr Duration kSignalCheck{100};   // How often a blocked write looks for a signal.
constexpr Duration kStuckReader{1000};  // How long a reader that does not read holds up a stop.

Error OutputError(int code) {
  Error error =
      MakeError(ErrorCode::kUnavailable,
                "cannot write to standard output: " + std::generic_category().message(code) +
                    "; records that were not written are not committed");
  error.native = code;
  return error;
}

class StdoutSink final : public Sink {
 public:
  StdoutSink() {
    struct stat info {};
    const bool known = ::fstat(STDOUT_FILENO, &info) == 0;
    pipe_ = known && S_ISFIFO(info.st_mode);
    may_block_ = !known || !S_ISREG(info.st_mode);
  }

  Status Put(std::string_view bytes) override {
    while (!bytes.empty()) {
      if (may_block_) OS_RETURN_IF_ERROR(WaitWritable());
      // A pipe that is writable takes PIPE_BUF bytes without blocking.
      const std::size_t most =
          may_block_ ? std::min<std::size_t>(bytes.size(), PIPE_BUF) : bytes.size();
      const ssize_t written = ::write(STDOUT_FILENO, bytes.data(), most);
      if (written < 0 && errno != EINTR && errno != EAGAIN) return OutputError(errno);
      if (written <= 0) continue;
      put_ += static_cast<std::uint64_t>(written);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  }

  std::uint64_t Taken() override {
    taken_ = std::max(taken_, put_ - std::min(put_, Unread()));
    return taken_;
  }

  Status Settle(Deadline deadline) override {
    while (Taken() < put_) {
      if (ReaderIsGone()) return OutputError(EPIPE);
      if (deadline.Passed()) break;
    }
    // The reader lives and the bytes are in its pipe: they outlive this process.
    taken_ = put_;
    return {};
  }

 private:
  [[nodiscard]] std::uint64_t Unread() const {
    int unread = 0;
    if (!pipe_ || ::ioctl(STDOUT_FILENO, FIONREAD, &unread) != 0) return 0;
    return static_cast<std::uint64_t>(std::max(unread, 0));
  }

  /// Waits up to `kSignalCheck` as well.
  [[nodiscard]] static bool ReaderIsGone() {
    pollfd out{STDOUT_FILENO, 0, 0};
    return ::poll(&out, 1, static_cast<int>(kSignalCheck.count())) > 0 &&
           (out.revents & POLLERR) != 0;
  }

  [[nodiscard]] static Status WaitWritable() {
    auto give_up = Deadline::After(Duration::max());
    while (true) {
      pollfd out{STDOUT_FILENO, POLLOUT, 0};
      const int ready = ::poll(&out, 1, static_cast<int>(kSignalCheck.count()));
      if (ready > 0) return {};
      if (ready < 0 && errno != EINTR) return OutputError(errno);
      if (!StopAsked()) continue;
      give_up = give_up.Sooner(kStuckReader);
      if (give_up.Passed()) return OutputError(ETIMEDOUT);
    }
  }

  bool pipe_ = false;
  bool may_block_ = true;
  std::uint64_t put_ = 0;
  std::uint64_t taken_ = 0;
};

}  // namespace

std::unique_ptr<Sink> StandardOutput() {
  return std::make_unique<StdoutSink>();
}

}  // namespace offsetstore::cli
