// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "tracker.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <utility>

#include "offsetstore/session.h"

namespace offsetstore {
namespace internal {
namespace {

constexpr std::size_t kWordBits = 64;

}  // namespace

Tracker::Tracker(std::size_t capacity, Position start, std::shared_ptr<Signals> signals)
    : mask_(std::bit_ceil(std::max(capacity, kWordBits)) - 1),
      bits_((mask_ + 1) / kWordBits),
      slots_(mask_ + 1),
      signals_(std::move(signals)),
      delivered_position_(start.value()),
      last_{.ordinal = 0, .position = start, .epoch = {}} {}

std::size_t Tracker::Free() const noexcept {
  return capacity() -
         (pushed_.load(std::memory_order_relaxed) - acknowledged_.load(std::memory_order_acquire));
}

std::uint64_t Tracker::Push(Position next, std::optional<std::int32_t> epoch) {
  assert(!Full());
  const std::uint64_t ordinal = pushed_.load(std::memory_order_relaxed);
  slots_[ordinal & mask_] = {next.value(), epoch.value_or(-1)};
  end_.store(-1, std::memory_order_relaxed);
  delivered_position_.store(next.value(), std::memory_order_relaxed);
  // Publishes the slot, and the end that is not the end any more, to the session's thread.
  pushed_.store(ordinal + 1, std::memory_order_release);
  return ordinal;
}

void Tracker::ReachedEnd(Position position) noexcept {
  if (position.value() < delivered_position_.load(std::memory_order_relaxed)) return;
  end_.store(position.value(), std::memory_order_release);
}

void Tracker::Done(std::uint64_t ordinal) noexcept {
  if (!open_.load(std::memory_order_relaxed)) {
    signals_->late_done.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  const std::uint64_t slot = ordinal & mask_;
  bits_[slot / kWordBits].fetch_or(std::uint64_t{1} << (slot % kWordBits),
                                   std::memory_order_release);
  const std::uint64_t done = done_.fetch_add(1, std::memory_order_acq_rel) + 1;
  const bool due = done - acknowledged_.load(std::memory_order_relaxed) >=
                   threshold_.load(std::memory_order_relaxed);
  if (due || (draining_.load() && InFlight() == 0)) signals_->Kick();
}

void Tracker::Abandon() noexcept {
  abandoned_.fetch_add(1, std::memory_order_acq_rel);
  if (draining_.load() && InFlight() == 0) signals_->Kick();
}

Tracker::Watermark Tracker::Scan() noexcept {
  const std::uint64_t pushed = pushed_.load(std::memory_order_acquire);
  while (scanned_ < pushed) {
    const std::uint64_t slot = scanned_ & mask_;
    const std::uint64_t word =
        bits_[slot / kWordBits].load(std::memory_order_acquire) >> (slot % kWordBits);
    const auto run = static_cast<std::uint64_t>(std::countr_one(word));
    const std::uint64_t step = std::min({run, pushed - scanned_, kWordBits - slot % kWordBits});
    scanned_ += step;
    if (step < kWordBits - slot % kWordBits) break;
  }
  if (scanned_ > last_.ordinal) {
    // Kept aside: once acknowledged, the slot of the last done record may be used again.
    last_ = MarkAfter(scanned_ - 1);
  }
  Watermark mark = last_;
  // Only where nothing was delivered since: the second look sees a push that overtook the first.
  const std::int64_t end = end_.load(std::memory_order_acquire);
  if (scanned_ == pushed && end > mark.position.value() &&
      pushed_.load(std::memory_order_acquire) == pushed) {
    mark.position = Position(end);
    mark.epoch.reset();  // Of what lies between the last record and the end nothing is known.
  }
  return mark;
}

bool Tracker::IsNext(std::uint64_t last, std::size_t count) const noexcept {
  return last < pushed_.load(std::memory_order_acquire) &&
         last + 1 == acknowledged_.load(std::memory_order_acquire) + count;
}

Tracker::Watermark Tracker::MarkAfter(std::uint64_t last) const noexcept {
  const Slot& slot = slots_[last & mask_];
  return {.ordinal = last + 1,
          .position = Position(slot.next),
          .epoch = slot.epoch >= 0 ? std::optional(slot.epoch) : std::nullopt};
}

void Tracker::Acknowledge(const Watermark& watermark) noexcept {
  std::uint64_t ordinal = acknowledged_.load(std::memory_order_relaxed);
  while (ordinal < watermark.ordinal) {
    const std::uint64_t slot = ordinal & mask_;
    const std::uint64_t first = slot % kWordBits;
    const std::uint64_t count = std::min(watermark.ordinal - ordinal, kWordBits - first);
    const std::uint64_t ones =
        count == kWordBits ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
    bits_[slot / kWordBits].fetch_and(~(ones << first), std::memory_order_relaxed);
    ordinal += count;
  }
  acknowledged_.store(std::max(ordinal, acknowledged_.load(std::memory_order_relaxed)),
                      std::memory_order_release);
}

bool Tracker::ThresholdReached() const noexcept {
  return done_.load(std::memory_order_relaxed) - acknowledged_.load(std::memory_order_relaxed) >=
         threshold_.load(std::memory_order_relaxed);
}

std::uint64_t Tracker::InFlight() const noexcept {
  const std::uint64_t finished = done_.load() + abandoned_.load();
  const std::uint64_t pushed = pushed_.load();
  return pushed > finished ? pushed - finished : 0;
}

}  // namespace internal

Ticket::Ticket(std::shared_ptr<internal::Tracker> tracker, std::uint64_t ordinal) noexcept
    : tracker_(std::move(tracker)), ordinal_(ordinal) {}

Ticket::Ticket(Ticket&& other) noexcept
    : tracker_(std::exchange(other.tracker_, nullptr)), ordinal_(other.ordinal_) {}

Ticket& Ticket::operator=(Ticket&& other) noexcept {
  if (this != &other) {
    Abandon();
    tracker_ = std::exchange(other.tracker_, nullptr);
    ordinal_ = other.ordinal_;
  }
  return *this;
}

Ticket::~Ticket() {
  Abandon();
}

void Ticket::Done() noexcept {
  if (const auto tracker = std::exchange(tracker_, nullptr)) tracker->Done(ordinal_);
}

bool Ticket::Held() const noexcept {
  return tracker_ != nullptr && tracker_->Open();
}

void Ticket::Abandon() noexcept {
  if (const auto tracker = std::exchange(tracker_, nullptr)) tracker->Abandon();
}

}  // namespace offsetstore
