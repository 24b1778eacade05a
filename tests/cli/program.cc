// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "program.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

#include "eventually.h"

namespace offsetstore::testing {
namespace {

std::filesystem::path NewFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "offsetctl-test.XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp " + pattern);
  return pattern;
}

[[noreturn]] void BecomeProgram(int out, const std::string& err, char* const* words) {
  // A test may run with signals ignored (a background job); the program starts as from a shell.
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(signal, SIG_DFL);
  const int err_fd = ::open(err.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err_fd, STDERR_FILENO);
  ::execv(words[0], words);
  ::_exit(127);
}

}  // namespace

Running::Running(const Words& arguments, Output output, const std::string& path)
    : folder_(NewFolder()), out_(path.empty() ? folder_ / "out" : std::filesystem::path(path)) {
  std::vector<std::string> words;
  if (arguments.empty() || arguments.front().rfind('/', 0) != 0) words.emplace_back(OFFSETCTL);
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  std::array<int, 2> ends = {-1, -1};
  if (output == Output::kPipe) {
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  } else {
    ends[1] = ::open(out_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (ends[1] < 0) throw std::runtime_error("open " + out_.string());
  }
  const std::string err = (folder_ / "err").string();
  pid_ = ::fork();
  if (pid_ == 0) BecomeProgram(ends[1], err, pointers.data());
  ::close(ends[1]);
  pipe_ = ends[0];
}

Running::~Running() {
  if (!Over()) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  ClosePipe();
  std::error_code ignored;  // The system clears TMPDIR.
  std::filesystem::remove_all(folder_, ignored);
}

void Running::Signal(int signal) const {
  ::kill(pid_, signal);
}

std::string Running::ReadPipe(std::size_t bytes) const {
  std::string text(bytes, '\0');
  const ssize_t got = ::read(pipe_, text.data(), bytes);
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return text;
}

void Running::ClosePipe() {
  if (pipe_ >= 0) ::close(pipe_);
  pipe_ = -1;
}

std::string Running::Out() const {
  return ReadFile(out_);
}

std::string Running::Err() const {
  return ReadFile(folder_ / "err");
}

bool Running::HasOpen(const std::filesystem::path& file) const {
  const std::filesystem::path process = "/proc/" + std::to_string(pid_);
  std::error_code gone;  // It may close one, or end, meanwhile.
  // Between fork and exec it is this program still, with all that this one has open.
  if (std::filesystem::equivalent(process / "exe", "/proc/self/exe", gone) || gone) return false;
  const std::filesystem::path files = process / "fd";
  std::filesystem::directory_iterator entry(files, gone);
  for (; !gone && entry != std::filesystem::directory_iterator(); entry.increment(gone)) {
    std::error_code none;
    if (std::filesystem::equivalent(entry->path(), file, none) && !none) return true;
  }
  return false;
}

bool Running::Over() {
  if (code_ >= 0) return true;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return false;
  code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return true;
}

Ran Running::Wait() {
  if (!Eventually([this] { return Over(); }, std::chrono::minutes(1))) {
    throw std::runtime_error("offsetctl does not end: " + Err());
  }
  return {code_, pipe_ >= 0 ? std::string() : Out(), Err()};
}

Ran Offsetctl(const Words& arguments, const std::string& stdout_path) {
  return Running(arguments, Running::Output::kFile, stdout_path).Wait();
}

bool IsOneComplaint(const std::string& err) {
  return err.rfind("offsetctl: ", 0) == 0 && std::count(err.begin(), err.end(), '\n') == 1 &&
         err.back() == '\n';
}

}  // namespace offsetstore::testing
