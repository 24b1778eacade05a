// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
//
// What is moved: groups of old consumers in a real ZooKeeper, whose topics are in a real Kafka.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "new_groups.h"
#include "offsetstore/migration/kafka_cluster.h"
#include "offsetstore/migration/run.h"
#include "offsetstore/migration/sides.h"
#include "offsetstore/migration/zookeeper_watch.h"
#include "old_tree.h"

namespace offsetstore::bench {

struct Shape {
  int groups = 0;
  int partitions = 0;

  [[nodiscard]] int Positions() const { return groups * partitions; }
};

/// Two trees of the same groups with other positions: every run moves the other one, so that it
/// changes every position, whoever ran before.
class Estate {
 public:
  /// Makes the trees, and a topic with records where they point to.
  explicit Estate(Shape shape);
  /// Made by the first who asks.
  [[nodiscard]] static Estate& Of(Shape shape);

  [[nodiscard]] const Shape& shape() const { return shape_; }
  /// The source is the other tree from now on.
  void Turn() { turned_ = !turned_; }
  /// Of the source.
  [[nodiscard]] std::string Chroot() const { return ChrootOf(turned_); }
  [[nodiscard]] std::vector<OldGroup> Groups() const { return GroupsOf(turned_); }
  [[nodiscard]] std::string TopicName() const;

 private:
  [[nodiscard]] std::string ChrootOf(bool turned) const;
  [[nodiscard]] std::vector<OldGroup> GroupsOf(bool turned) const;
  void MakeTree(bool turned) const;

  Shape shape_;
  bool turned_ = false;
};

/// The stores of both sides, opened as `offsetctl` opens them.
class OpenEstate {
 public:
  explicit OpenEstate(const Estate& estate);

  /// Neither logs nor consumers at work are looked at.
  [[nodiscard]] migration::Sides Plain() const;
  /// Everything that there is to look at.
  [[nodiscard]] migration::Sides Guarded();

 private:
  std::unique_ptr<OffsetStore> source_;
  std::vector<std::unique_ptr<OffsetStore>> target_;
  std::unique_ptr<migration::KafkaCluster> cluster_;
  migration::ZooKeeperWatch watch_;
};

/// Plans into a file and does what it says, as `offsetctl migrate --execute` does. Ends the program
/// where not every position was written.
migration::Totals Migrate(const migration::Sides& sides, Shape shape);

}  // namespace offsetstore::bench
