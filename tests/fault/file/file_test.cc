// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "file_test.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <exception>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "file_store.h"

namespace offsetstore::testing {
namespace {

std::unique_ptr<OffsetStore> Opened(Result<std::unique_ptr<OffsetStore>> store) {
  if (!store) throw std::runtime_error("open: " + ToString(store.error()));
  return *std::move(store);
}

// An exception must not unwind into the copy of the parent: that would clean up the parent's files.
int Guarded(const std::function<int(int out)>& work, int out) {
  try {
    return work(out);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "child: %s\n", error.what());
    return 97;
  }
}

}  // namespace

FileOptions FileFolder::Options() const {
  FileOptions made;
  made.folder = parent / "offsets";
  made.stats = std::make_shared<FileStats>();
  return made;
}

std::unique_ptr<OffsetStore> FileFolder::Open() const {
  return Opened(OpenFileStore(options, Soon()));
}

std::unique_ptr<OffsetStore> FileFolder::OpenQuick() const {
  return OpenOn(*quick);
}

std::unique_ptr<OffsetStore> FileFolder::OpenOn(FaultFileSystem& fs) const {
  return Opened(internal::OpenFileStoreOn(fs, options, Soon()));
}

Error FileFolder::OpenError() const {
  auto store = OpenFileStore(options, Soon());
  if (store) throw std::runtime_error("it opened");
  return std::move(store).error();
}

std::filesystem::path FileFolder::Log(std::string_view base) const {
  return Groups() / (std::string(base) + ".log");
}

std::vector<std::filesystem::path> FileFolder::FilesWith(std::string_view part) const {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(Groups())) {
    if (entry.path().filename().string().find(part) != std::string::npos) {
      found.push_back(entry.path());
    }
  }
  return found;
}

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("read " + path.string());
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void WriteFile(const std::filesystem::path& path, std::string_view content) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << content;
  out.close();
  if (!out) throw std::runtime_error("write " + path.string());
}

std::vector<std::string> LinesOf(std::string_view text) {
  std::vector<std::string> lines;
  std::istringstream in{std::string(text)};
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TopicPartition Part(std::int32_t number) {
  return {"orders", number};
}

TestGroup GroupOf(OffsetStore& store) {
  return {store, "g"};
}

void MustCommitAll(const TestGroup& group, const std::vector<Move>& moves) {
  for (const Answer& answer : group.CommitAll(moves, Atomicity::kAll)) {
    if (!answer.Ok()) throw std::runtime_error("commit: " + Describe(answer));
  }
}

std::string StateOf(OffsetStore& store) {
  const auto reads = store.Fetch("g", {}, Soon());
  if (!reads) return std::string(ToString(reads.error().code));
  std::string text;
  for (const Read& read : *reads) {
    const auto position = PositionIn(read.slot);
    if (!text.empty()) text += ' ';
    text += std::to_string(read.at.partition) + '=';
    text += position ? std::to_string(*position) : std::string("-");
  }
  return text;
}

Error FetchError(OffsetStore& store) {
  auto reads = store.Fetch("g", {}, Soon());
  if (reads) throw std::runtime_error("it was read");
  return std::move(reads).error();
}

Forked::Forked(const std::function<int(int out)>& work) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) throw std::runtime_error("pipe");
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork");
  if (pid_ == 0) {
    ::close(ends[0]);
    ::_exit(Guarded(work, ends[1]));
  }
  ::close(ends[1]);
  out_ = ends[0];
}

Forked::~Forked() {
  ::close(out_);
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

std::optional<std::int64_t> Forked::Next() const {
  std::int64_t number = 0;
  if (::read(out_, &number, sizeof number) != sizeof number) return std::nullopt;
  return number;
}

void Forked::Signal(int number) const {
  if (::kill(pid_, number) != 0) throw std::runtime_error("kill");
}

void Forked::WaitStopped() const {
  int status = 0;
  if (::waitpid(pid_, &status, WUNTRACED) != pid_ || !WIFSTOPPED(status)) {
    throw std::runtime_error("not stopped");
  }
}

int Forked::Wait() {
  int status = 0;
  ::waitpid(std::exchange(pid_, -1), &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

void Tell(int out, std::int64_t number) {
  if (::write(out, &number, sizeof number) != sizeof number) ::_exit(99);
}

}  // namespace offsetstore::testing
