// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <cstdlib>

#include "stores.h"
#include "zookeeper_by_hand.h"

namespace offsetstore::bench {
namespace {

/// Of the store: steps of one transaction, three for each partition.
constexpr std::size_t kSteps = 999;

OffsetStore& Store() {
  static const std::unique_ptr<OffsetStore> store = Open(ServerOf(kZooKeeper) + "/?create=true");
  return *store;
}

/// One node, whose data is the position with what stands around it.
struct Node {
  std::string path;
  std::string before;
  std::string after;
  std::string data;
  std::int32_t version = 0;
  std::string child;  ///< Of the store's own.
};

std::string PathOf(const std::string& group, const char* folder, int partition) {
  return "/consumers/" + group + '/' + folder + "/t/" + std::to_string(partition);
}

/// The nodes of a group's partitions, both of each, as the store has written them.
class ByHand {
 public:
  explicit ByHand(int count) {
    const std::string group = "raw-" + std::to_string(count);
    const Held held = Started(Store(), group, count);
    position_ = held.moves.front().to.value();
    const std::string position = std::to_string(position_);
    for (int i = 0; i < count; ++i) {
      Add(PathOf(group, "offsetstore", i), " position=" + position + ' ');
      Add(PathOf(group, "offsets", i), position);
    }
  }

  void CommitNext() {
    const std::string position = std::to_string(++position_);
    std::vector<zoo_op_t> ops;
    ops.reserve(2 * nodes_.size());
    for (Node& node : nodes_) {
      node.data = node.before + position + node.after;
      const auto size = static_cast<int>(node.data.size());
      zoo_set_op_init(
          &ops.emplace_back(), node.path.c_str(), node.data.data(), size, node.version++, nullptr);
      if (!node.child.empty()) zoo_check_op_init(&ops.emplace_back(), node.child.c_str(), -1);
    }
    std::vector<zoo_op_result_t> results(ops.size());
    for (std::size_t i = 0; i < ops.size(); i += kSteps) {
      const auto steps = static_cast<int>(std::min(kSteps, ops.size() - i));
      window_.Enter();
      Require(zoo_amulti(handle_.get(), steps, &ops[i], &results[i], &OnDone, &window_) == ZOK,
              "zoo_amulti");
    }
    window_.AwaitAll();
  }

 private:
  static void OnDone(int code, const void* window) {
    static_cast<Window*>(const_cast<void*>(window))->Leave(code);
  }

  static std::string ChildOf(const std::string& path, const std::string& data) {
    constexpr std::string_view kWord = " incarnation=";
    const std::size_t word = data.find(kWord);
    if (word == std::string::npos) return {};
    const std::size_t at = word + kWord.size();
    return path + '/' + data.substr(at, data.find(' ', at) - at);
  }

  void Add(const std::string& path, const std::string& around) {
    std::vector<char> buffer(4096);
    auto size = static_cast<int>(buffer.size());
    Stat stat{};
    Require(zoo_get(handle_.get(), path.c_str(), 0, buffer.data(), &size, &stat) == ZOK, path);
    const std::string data(buffer.data(), static_cast<std::size_t>(size));
    const std::size_t at = data.find(around) + around.find_first_of("0123456789");
    const std::size_t end = data.find_first_not_of("0123456789", at);
    nodes_.push_back({.path = path,
                      .before = data.substr(0, at),
                      .after = end == std::string::npos ? "" : data.substr(end),
                      .data = {},
                      .version = stat.version,
                      .child = ChildOf(path, data)});
  }

  ZooKeeperHandle handle_;
  Window window_;
  std::vector<Node> nodes_;
  std::int64_t position_ = 0;
};

/// What a user keeps of a partition.
struct Copied {
  Window* window = nullptr;
  std::string own;
  std::int64_t position = -1;
  std::int64_t time = 0;
};

void OnOwn(int code, const char* value, int size, const Stat* /*stat*/, const void* data) {
  auto* kept = static_cast<Copied*>(const_cast<void*>(data));
  if (code == ZOK) kept->own.assign(value, static_cast<std::size_t>(size));
  kept->window->Leave(code);
}

void OnLeaf(int code, const char* value, int size, const Stat* stat, const void* data) {
  auto* kept = static_cast<Copied*>(const_cast<void*>(data));
  if (code == ZOK) {
    std::from_chars(value, value + size, kept->position);
    kept->time = stat->mtime;
  }
  kept->window->Leave(code);
}

void OnSync(int code, const char* /*path*/, const void* data) {
  static_cast<Window*>(const_cast<void*>(data))->Leave(code);
}

void ReadByHand(zhandle_t* handle, const std::string& group, std::vector<Copied>& kept) {
  Window window;
  window.Enter();
  Require(zoo_async(handle, ("/consumers/" + group).c_str(), &OnSync, &window) == ZOK, "sync");
  for (std::size_t i = 0; i < kept.size(); ++i) {
    kept[i].window = &window;
    for (const auto& [folder, done] :
         {std::pair("offsetstore", &OnOwn), std::pair("offsets", &OnLeaf)}) {
      window.Enter();
      const std::string path = PathOf(group, folder, static_cast<int>(i));
      Require(zoo_aget(handle, path.c_str(), 0, done, &kept[i]) == ZOK, "zoo_aget");
    }
  }
  window.AwaitAll();
}

void RawFetch(benchmark::State& state) {
  const auto count = static_cast<int>(state.range(0));
  const Held& held = ToRead(Store(), count);
  const ZooKeeperHandle handle;
  for (auto _ : state) {
    std::vector<Copied> kept(static_cast<std::size_t>(count));
    ReadByHand(handle.get(), held.group, kept);
    for (const Copied& one : kept) Require(one.position > 0 && !one.own.empty(), "fetch");
  }
  state.SetItemsProcessed(state.iterations() * count);
}

void OurFetch(benchmark::State& state) {
  FetchLoop(state, Store(), true);
}

const PairOf kOne(Commits<ByHand, Store>(
    "zookeeper: commit of 1",
    1,
    "C client: one `zoo_amulti` that sets the same two nodes to the same bytes, on the versions "
    "that it remembers, and checks the same third",
    kZooKeeper));
const PairOf kThousand(Commits<ByHand, Store>(
    "zookeeper: commit of 1,000",
    1000,
    "C client: four `zoo_amulti` of at most 999 such steps each, all under way at once",
    kZooKeeper));
const PairOf kFetch(
    {.name = "zookeeper: fetch 10,000 by name",
     .items = "positions",
     .raw_does = "C client: `zoo_async`, then `zoo_aget` of the same 20,000 nodes, "
                 "256 under way; keeps the position, its time, and our node as text",
     .raw = RawFetch,
     .ours = OurFetch,
     .argument = 10'000,
     .server = kZooKeeper});

}  // namespace
}  // namespace offsetstore::bench
