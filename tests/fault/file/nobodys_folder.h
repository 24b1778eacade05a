// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>

#include "file_test.h"

namespace offsetstore::testing {

inline constexpr uid_t kNobody = 65534;

/// A folder of user nobody, where root prepares and a child without root's rights looks.
struct NobodysFolder {
  FileFolder folder;

  NobodysFolder() {
    REQUIRE(::chmod(folder.parent.path().c_str(), 0755) == 0);
    folder.options.folder = folder.parent / "home" / "offsets";
    std::filesystem::create_directory(folder.parent / "home");
    if (::geteuid() == 0) {
      REQUIRE(::chown((folder.parent / "home").c_str(), kNobody, kNobody) == 0);
    }
    CHECK(AsNobody([&] {
            auto store = folder.Open();
            return GroupOf(*store).Commit(Set(Part(0), 1)).Ok() ? 0 : 1;
          }) == 0);
  }

  static int AsNobody(const std::function<int()>& work) {
    Forked child([&](int /*out*/) {
      if (::geteuid() == 0 && (::setgid(kNobody) != 0 || ::setuid(kNobody) != 0)) return 98;
      return work();
    });
    return child.Wait();
  }

  [[nodiscard]] int CommitAsNobody() const {
    return AsNobody([&] {
      auto store = OpenFileStore(folder.options, Soon());
      if (!store) return store.error().code == ErrorCode::kPermissionDenied ? 10 : 11;
      const Answer answer = GroupOf(**store).Commit(Set(Part(0), 2));
      if (answer.Ok()) return 0;
      return answer == ErrorCode::kPermissionDenied ? 20 : 21;
    });
  }

  [[nodiscard]] int ReadAsNobody() const {
    return AsNobody([&] { return StateOf(*folder.Open()) == "0=1" ? 0 : 1; });
  }
};

}  // namespace offsetstore::testing
