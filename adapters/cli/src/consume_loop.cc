// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "consume_loop.h"

#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "console.h"
#include "internal/macros.h"
#include "signals.h"

namespace offsetstore::cli {
namespace {

constexpr Duration kLook{100};  // How often an idle loop looks for a signal.

class Loop {
 public:
  Loop(Consumer& consumer, Delivery& delivery, const ConsumeLimits& limits)
      : consumer_(consumer), delivery_(delivery), limits_(limits) {}

  ExitCode Run() {
    ExitCode code = Deliver();
    // Also after an error: what is written already should be committed.
    const Deadline deadline = Deadline::After(limits_.timeout);
    if (code != ExitCode::kOutput) Note(code, delivery_.Settle(deadline), true);
    delivery_.Acknowledge();
    delivery_.Abandon();
    Note(code, consumer_.Close(Deadline::After(limits_.timeout)), false);
    // A reader that went with the same Ctrl-C, or holds up the stop, is no failure of its own.
    const bool stopped = code == ExitCode::kDone || code == ExitCode::kOutput;
    return stopped ? SignalledOr(code) : code;
  }

 private:
  [[nodiscard]] bool Over() const {
    if (StopAsked()) return true;
    return limits_.max_records != 0 && delivery_.taken() >= limits_.max_records;
  }

  ExitCode Deliver() {
    ExitCode code = ExitCode::kDone;
    while (!Over()) {
      // With a batch in hand only what is there already is waited for: records are not kept back.
      Result<Polled> polled = consumer_.Poll(delivery_.HasBatch() ? Duration::zero() : kLook);
      if (!polled) {
        Note(code, polled.error(), false);
        return code;
      }
      auto* record = std::get_if<std::unique_ptr<Record>>(&*polled);
      const Status written =
          record != nullptr ? delivery_.Take(std::move(*record)) : delivery_.Flush();
      Note(code, written, true);
      if (code != ExitCode::kDone) return code;
      if (record == nullptr && limits_.exit_at_end && consumer_.State().all_at_end) return code;
    }
    return code;
  }

  /// Keeps the first failure, and tells each once: what ended the run often ends the close too.
  void Note(ExitCode& code, const Status& status, bool output) {
    if (status) return;
    const ExitCode failed = ExitCodeOf(status.error());
    if (std::string text = ToString(status.error()); text != told_) {
      Complain(text);
      told_ = std::move(text);
    }
    if (code == ExitCode::kDone) code = output ? ExitCode::kOutput : failed;
  }

  Consumer& consumer_;
  Delivery& delivery_;
  const ConsumeLimits& limits_;
  std::string told_;
};

}  // namespace

ExitCode Consume(Consumer& consumer, Delivery& delivery, const ConsumeLimits& limits) {
  return Loop(consumer, delivery, limits).Run();
}

}  // namespace offsetstore::cli
