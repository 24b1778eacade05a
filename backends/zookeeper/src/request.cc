// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "request.h"

#include <new>
#include <utility>

namespace offsetstore::zookeeper {
namespace {

/// What a completion needs; it owns this and frees it.
struct Pending {
  std::shared_ptr<Batch> batch;
  std::size_t index = 0;
  std::vector<zoo_op_result_t> results;  // the client library writes here
};

using Owned = std::unique_ptr<Pending>;

// A completion is called by C code: no exception may pass.
template <class Fill>
void Complete(int code, const void* data, Fill fill) noexcept {
  const Owned pending(static_cast<Pending*>(const_cast<void*>(data)));
  Reply reply;
  reply.code = code;
  try {
    if (code == ZOK) fill(reply);
  } catch (const std::bad_alloc&) {
    reply = Reply{};
    reply.code = ZSYSTEMERROR;
  }
  if (code != ZOK) {
    // Only the first result that is not ok means anything: those before it were rolled back.
    while (reply.failed_step < pending->results.size() &&
           pending->results[reply.failed_step].err == ZOK) {
      ++reply.failed_step;
    }
  }
  pending->batch->Finish(pending->index, std::move(reply));
}

void FillStat(const Stat* stat, Reply& reply) {
  if (stat == nullptr) return;
  reply.node.version = stat->version;
  reply.node.zxid = stat->mzxid;
  reply.node.mtime = stat->mtime;
  reply.created_zxid = stat->czxid;
  reply.ctime = stat->ctime;
  reply.data_bytes = stat->dataLength;
}

void OnData(int code, const char* value, int size, const Stat* stat, const void* data) {
  Complete(code, data, [&](Reply& reply) {
    // -1 is a node without data.
    if (value != nullptr && size >= 0) {
      reply.node.data.emplace(value, static_cast<std::size_t>(size));
    }
    FillStat(stat, reply);
  });
}

void OnStat(int code, const Stat* stat, const void* data) {
  Complete(code, data, [&](Reply& reply) { FillStat(stat, reply); });
}

void OnChildren(int code, const String_vector* strings, const Stat* stat, const void* data) {
  Complete(code, data, [&](Reply& reply) {
    FillStat(stat, reply);
    if (strings == nullptr) return;
    reply.children.assign(strings->data, strings->data + strings->count);
  });
}

void OnAcl(int code, ACL_vector* acl, Stat* /*stat*/, const void* data) {
  Complete(code, data, [&](Reply& reply) {
    if (acl == nullptr) return;
    for (std::int32_t i = 0; i < acl->count; ++i) {
      const ACL& line = acl->data[i];
      reply.grants.push_back({line.perms, line.id.scheme, line.id.id});
    }
  });
}

void OnString(int code, const char* /*value*/, const void* data) {
  Complete(code, data, [](Reply&) {});
}

void OnVoid(int code, const void* data) {
  Complete(code, data, [](Reply&) {});
}

const ACL_vector* Acl(bool creator_all) {
  return creator_all ? &ZOO_CREATOR_ALL_ACL : &ZOO_OPEN_ACL_UNSAFE;
}

void ToOp(const Step& step, bool creator_all, zoo_op_t& op) {
  const char* path = step.path.c_str();
  const auto size = static_cast<int>(step.data.size());
  switch (step.kind) {
    case Step::Kind::kCreate:
      zoo_create_op_init(
          &op, path, step.data.data(), size, Acl(creator_all), ZOO_PERSISTENT, nullptr, 0);
      return;
    case Step::Kind::kSet:
      zoo_set_op_init(&op, path, step.data.data(), size, step.version, nullptr);
      return;
    case Step::Kind::kDelete:
      zoo_delete_op_init(&op, path, step.version);
      return;
    case Step::Kind::kCheck:
      zoo_check_op_init(&op, path, step.version);
      return;
  }
}

int SendMulti(zhandle_t* handle, const Request& request, Pending* pending) {
  std::vector<zoo_op_t> ops(request.steps.size());
  for (std::size_t i = 0; i < ops.size(); ++i) ToOp(request.steps[i], request.creator_all, ops[i]);
  pending->results.resize(ops.size());
  return zoo_amulti(
      handle, static_cast<int>(ops.size()), ops.data(), pending->results.data(), &OnVoid, pending);
}

int SendOne(zhandle_t* handle, const Request& request, Pending* pending) {
  const char* path = request.path.c_str();
  switch (request.kind) {
    case Request::Kind::kGet:
      return zoo_aget(handle, path, 0, &OnData, pending);
    case Request::Kind::kChildren:
      return zoo_aget_children2(handle, path, 0, &OnChildren, pending);
    case Request::Kind::kExists:
      return zoo_aexists(handle, path, 0, &OnStat, pending);
    case Request::Kind::kCreate:
      return zoo_acreate(
          handle, path, nullptr, -1, Acl(request.creator_all), ZOO_PERSISTENT, &OnString, pending);
    case Request::Kind::kAcl:
      return zoo_aget_acl(handle, path, &OnAcl, pending);
    case Request::Kind::kSync:
      return zoo_async(handle, path, &OnString, pending);
    case Request::Kind::kMulti:
      return SendMulti(handle, request, pending);
  }
  return ZBADARGUMENTS;
}

bool IsBroken(int code) {
  return code == kNotSent || code == ZCONNECTIONLOSS || code == ZOPERATIONTIMEOUT ||
         code == ZSESSIONEXPIRED || code == ZINVALIDSTATE || code == ZCLOSING ||
         code == ZAUTHFAILED;
}

}  // namespace

bool Batch::AwaitRoom(std::size_t window, Deadline deadline) {
  std::unique_lock lock(mutex_);
  if (under_way_ < window) return !broken_;
  awaited_ = window / 2;
  const bool room =
      changed_.wait_until(lock, deadline.time(), [&] { return broken_ || under_way_ <= awaited_; });
  return room && !broken_;
}

void Batch::Send(zhandle_t* handle, const Request& request, std::size_t index) {
  {
    const std::lock_guard lock(mutex_);
    replies_[index].code = kNoAnswer;  // The answer may come before the call returns.
    ++under_way_;
  }
  Owned pending(new Pending{shared_from_this(), index, {}});
  const int code = SendOne(handle, request, pending.get());
  if (code == ZOK) {
    static_cast<void>(pending.release());  // The completion's now.
    return;
  }
  Reply refused;
  refused.native = code;
  Finish(index, std::move(refused));
}

std::vector<Reply> Batch::Take(Deadline deadline) {
  std::unique_lock lock(mutex_);
  awaited_ = 0;
  changed_.wait_until(lock, deadline.time(), [&] { return under_way_ == 0; });
  return std::exchange(replies_, {});
}

void Batch::Finish(std::size_t index, Reply reply) {
  {
    const std::lock_guard lock(mutex_);
    --under_way_;
    broken_ = broken_ || IsBroken(reply.code);
    if (index < replies_.size()) replies_[index] = std::move(reply);
    if (under_way_ > awaited_ && !broken_) return;
  }
  changed_.notify_all();
}

}  // namespace offsetstore::zookeeper
