// Positions in any store under your own RdKafka::KafkaConsumer: BROKERS TOPIC STORE-URI COUNT
#include <librdkafka/rdkafkacpp.h>

#include <cstdlib>
#include <iostream>

#include "offsetstore/builtin.h"
#include "offsetstore/open.h"
#include "offsetstore/rdkafka_client.h"

struct Rebalance final : RdKafka::RebalanceCb {
  void rebalance_cb(RdKafka::KafkaConsumer* /*consumer*/,
                    RdKafka::ErrorCode what,
                    std::vector<RdKafka::TopicPartition*>& list) override {
    offsetstore::Partitions all;
    for (const auto* one : list) all.push_back({one->topic(), one->partition()});
    driver->Rebalance(what == RdKafka::ERR__ASSIGN_PARTITIONS, all);
  }
  std::unique_ptr<offsetstore::RdKafkaDriver> driver;
};

int main(int /*argc*/, char** argv) {
  const auto soon = offsetstore::Deadline::After(std::chrono::seconds(10));
  offsetstore::BackendRegistry registry;
  if (!RegisterBuiltinBackends(registry)) return 1;
  auto store = OpenStore(registry, argv[3], {}, soon);
  if (!store) return std::cerr << ToString(store.error()) << "\n", 1;
  Rebalance rebalance;
  std::string reason;
  const std::unique_ptr<RdKafka::Conf> conf(RdKafka::Conf::create(RdKafka::Conf::CONF_GLOBAL));
  conf->set("bootstrap.servers", argv[1], reason);
  conf->set("group.id", "own", reason);
  conf->set("enable.auto.commit", "false", reason);
  conf->set("enable.auto.offset.store", "false", reason);
  conf->set("auto.offset.reset", "error", reason);
  conf->set("partition.assignment.strategy", "cooperative-sticky", reason);
  conf->set("rebalance_cb", &rebalance, reason);
  std::unique_ptr<RdKafka::KafkaConsumer> consumer(
      RdKafka::KafkaConsumer::create(conf.get(), reason));
  offsetstore::SessionOptions options;
  options.group = "own";
  auto client = offsetstore::MakeRdKafkaClient(consumer->c_ptr());
  auto session = offsetstore::Session::Open(*std::move(store), std::move(client), options);
  if (!session) return std::cerr << ToString(session.error()) << "\n", 1;
  rebalance.driver = std::make_unique<offsetstore::RdKafkaDriver>(consumer->c_ptr(), **session);
  consumer->subscribe({argv[2]});
  offsetstore::Status status;
  for (int left = std::atoi(argv[4]); left > 0 && (status = rebalance.driver->Work());) {
    const std::unique_ptr<RdKafka::Message> message(consumer->consume(100));
    if (auto ticket = rebalance.driver->Take(*message->c_ptr())) {
      std::cout << message->partition() << ":" << message->offset() << std::endl;  // your work
      ticket->Done();
      --left;
    }
  }
  if (status) status = (*session)->Close(offsetstore::Deadline::After(std::chrono::seconds(10)));
  consumer->close();
  session->reset();  // before the consumer
  return status ? 0 : (std::cerr << ToString(status.error()) << "\n", 1);
}
