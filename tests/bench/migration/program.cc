// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "program.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>

#include "pairs.h"

namespace offsetstore::bench {
namespace {

pid_t Spawn(const std::vector<std::string>& words, const std::string& log) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t output;
  posix_spawn_file_actions_init(&output);
  posix_spawn_file_actions_addopen(
      &output, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&output, STDOUT_FILENO, STDERR_FILENO);
  pid_t child = 0;
  const int failed =
      ::posix_spawnp(&child, words[0].c_str(), &output, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&output);
  Require(failed == 0, words[0] + " cannot be run");
  return child;
}

}  // namespace

Took RunProgram(const std::vector<std::string>& words, const std::string& log) {
  const auto begin = std::chrono::steady_clock::now();
  const pid_t child = Spawn(words, log);
  int status = 0;
  rusage usage{};
  Require(::wait4(child, &status, 0, &usage) == child, "wait4");
  Require(WIFEXITED(status) && WEXITSTATUS(status) == 0,
          words[0] + " failed with " + std::to_string(WEXITSTATUS(status)) + ", see " + log);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  return {seconds.count(), static_cast<double>(usage.ru_maxrss) / 1024};
}

}  // namespace offsetstore::bench
