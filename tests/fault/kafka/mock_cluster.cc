// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "mock_cluster.h"

#include <stdexcept>
#include <vector>

namespace offsetstore::testing {
namespace {

std::unique_ptr<rdkafka::Handle> NewOwner() {
  auto handle = rdkafka::Handle::Open(RD_KAFKA_PRODUCER, rdkafka::Conf());
  if (!handle) throw std::runtime_error(ToString(handle.error()));
  return *std::move(handle);
}

void Check(rd_kafka_resp_err_t native) {
  if (native != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(rd_kafka_err2str(native));
}

}  // namespace

MockCluster::MockCluster()
    : owner_(NewOwner()),
      cluster_(rd_kafka_mock_cluster_new(owner_->get(), 1)),
      brokers_(rd_kafka_mock_cluster_bootstraps(cluster_)) {}

MockCluster::~MockCluster() {
  rd_kafka_mock_cluster_destroy(cluster_);
}

void MockCluster::CreateTopic(const std::string& topic, int partitions) {
  Check(rd_kafka_mock_topic_create(cluster_, topic.c_str(), partitions, 1));
}

void MockCluster::FailNext(std::int16_t request, rd_kafka_resp_err_t native, int count) {
  const std::vector<rd_kafka_resp_err_t> errors(static_cast<std::size_t>(count), native);
  rd_kafka_mock_push_request_errors_array(cluster_, request, errors.size(), errors.data());
}

void MockCluster::Delay(Duration by) {
  Check(rd_kafka_mock_broker_set_rtt(cluster_, 1, static_cast<int>(by.count())));
}

}  // namespace offsetstore::testing
