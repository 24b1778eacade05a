// Positions in any store under your own rd_kafka_t: own_rdkafka BROKERS TOPIC STORE-URI COUNT
#include <librdkafka/rdkafka.h>

#include <cstdlib>
#include <iostream>

#include "offsetstore/builtin.h"
#include "offsetstore/open.h"
#include "offsetstore/rdkafka_client.h"

static std::unique_ptr<offsetstore::RdKafkaDriver> driver;

static void OnRebalance(rd_kafka_t*, rd_kafka_resp_err_t what, auto* list, void*) {
  driver->Rebalance(what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS, list);
}

int main(int /*argc*/, char** argv) {
  const auto soon = offsetstore::Deadline::After(std::chrono::seconds(10));
  offsetstore::BackendRegistry registry;
  if (!RegisterBuiltinBackends(registry)) return 1;
  auto store = OpenStore(registry, argv[3], {}, soon);
  if (!store) return std::cerr << ToString(store.error()) << "\n", 1;
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", argv[1], nullptr, 0);
  rd_kafka_conf_set(conf, "group.id", "own", nullptr, 0);
  rd_kafka_conf_set(conf, "enable.auto.commit", "false", nullptr, 0);
  rd_kafka_conf_set(conf, "enable.auto.offset.store", "false", nullptr, 0);
  rd_kafka_conf_set(conf, "auto.offset.reset", "error", nullptr, 0);
  rd_kafka_conf_set_rebalance_cb(conf, &OnRebalance);
  rd_kafka_t* rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, nullptr, 0);
  offsetstore::SessionOptions options;
  options.group = "own";
  auto session =
      offsetstore::Session::Open(*std::move(store), offsetstore::MakeRdKafkaClient(rk), options);
  if (!session) return std::cerr << ToString(session.error()) << "\n", 1;
  driver = std::make_unique<offsetstore::RdKafkaDriver>(rk, **session);
  rd_kafka_topic_partition_list_t* topics = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(topics, argv[2], RD_KAFKA_PARTITION_UA);
  rd_kafka_subscribe(rk, topics);
  rd_kafka_topic_partition_list_destroy(topics);

  offsetstore::Status status;
  for (int left = std::atoi(argv[4]); left > 0 && (status = driver->Work());) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(rk, 100);
    if (message == nullptr) continue;
    if (auto ticket = driver->Take(*message)) {
      std::cout << message->partition << ":" << message->offset << std::endl;  // your work here
      ticket->Done();
      --left;
    }
    rd_kafka_message_destroy(message);
  }
  if (status)
    status = (*session)->Close(
        offsetstore::Deadline::After(std::chrono::seconds(10)));  // drains, commits, releases
  rd_kafka_consumer_close(rk);
  session->reset();  // before the handle
  rd_kafka_destroy(rk);
  return status ? 0 : (std::cerr << ToString(status.error()) << "\n", 1);
}
