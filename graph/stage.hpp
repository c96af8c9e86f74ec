// A stage runs a node in the TBB flow graph of a lane (one of the gateway's parallel threads). The node is a class in
// nodes/ with pure logic, which knows nothing of TBB. put() gives messages to a stage. oneTBB then runs the node at
// once, on the same thread, and then the next stages in the same way. TBB edges form no cycle: an edge that would close
// one is a QueuedEdge, which stores its messages for later. So when put() returns, all messages that result from these
// messages have also been processed, except those that a QueuedEdge has stored.
//
// Messages travel in batches. The stage passes the messages of a batch to its node, up to kPiece messages at a time.
// Then it sends what is in the node's outputs to the next stages. Each edge keeps the order of the messages. kPiece is
// small, so that the messages stay in the processor's cache.
//
// Owned by its lane, used on the lane's thread only. If a node throws an exception, its stage logs and counts the
// exception. The message that caused it is lost, and the node continues with the next message.
//
// The stage measures the time of a sample of the messages only, because reading the clock for every message would
// double the cost of a message.
#pragma once

#include <oneapi/tbb/flow_graph.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "graph/batch.hpp"
#include "graph/clock.hpp"
#include "graph/outputs.hpp"
#include "graph/registry.hpp"
#include "nodes/protocol/ports.hpp"

namespace resflow {

namespace detail {

// The type of the outputs of a TBB node. A node's own outputs are a tuple of vectors of messages; its TBB node has the
// same outputs, but sends a Batch (a pointer to the vector) in place of each vector.
template <typename Tie>
struct BatchesOf;
template <typename... T>
struct BatchesOf<std::tuple<std::vector<T>&...>> {
  using type = std::tuple<Batch<T>...>;
};
// A TBB node must have at least one output. So a node without outputs gets one that is never used.
template <>
struct BatchesOf<std::tuple<>> {
  using type = std::tuple<oneapi::tbb::flow::continue_msg>;
};

}  // namespace detail

template <typename Node, typename In, typename Out>
class Stage {
 public:
  using Input = In;
  using Tie = decltype(Outputs<Out>::tie(std::declval<Out&>()));
  // Moving a message must not throw: otherwise std::vector copies the messages, instead of moving them, when it grows.
  static_assert(std::is_nothrow_move_constructible_v<In>);
  using TbbNode = oneapi::tbb::flow::multifunction_node<Batch<In>, typename detail::BatchesOf<Tie>::type,
                                                        oneapi::tbb::flow::lightweight>;
  static constexpr std::size_t kOutputs = std::tuple_size_v<Tie>;
  static constexpr const auto& kOutputNames = Outputs<Out>::names;
  // place(): returns the index of an output in the node's list of outputs. Message: the type of the messages that the
  // output with index I sends.
  template <auto Output>
  static consteval std::size_t place() {
    return Outputs<Out>::template place<Output>();
  }
  template <std::size_t I>
  using Message = typename std::remove_reference_t<std::tuple_element_t<I, Tie>>::value_type;

  Stage(oneapi::tbb::flow::graph& graph, Registry& registry, NodeInfo info, Node& node, LogPort& log)
      : node_(node),
        log_(log),
        name_(info.name),
        tbb_(graph, oneapi::tbb::flow::serial,
             [this](const Batch<In>& batch, typename TbbNode::output_ports_type& ports) noexcept {
               run(*batch.messages, ports, std::make_index_sequence<kOutputs>());
             }) {
    info.policy = "serial, lightweight";
    registry.add_node(std::move(info), {Outputs<Out>::names.begin(), Outputs<Out>::names.end()});
  }
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  TbbNode& tbb() { return tbb_; }
  const std::string& name() const { return name_; }
  const Node& node() const { return node_; }
  // messages(): how many messages the node has got. failures(): how many of these messages were lost because the node
  // threw an exception.
  std::uint64_t messages() const { return messages_; }
  std::uint64_t failures() const { return failures_; }
  // Returns how many messages the node has sent at each output, in the order of its list of outputs.
  const std::array<std::uint64_t, kOutputs>& sent() const { return sent_; }

  // measure(): from now on, measures the time of every kSampling-th message. seconds(): estimates from these samples
  // how many seconds the node has spent on all messages since measure().
  void measure() { next_sample_ = messages_ + kSampling; }
  double seconds() const { return static_cast<double>(sampled_) * 1e-9 * kSampling; }

  // Passes the messages to the node. When put() returns, all messages that result from them have also been processed,
  // except those that a QueuedEdge has stored for later. The vector still belongs to the caller, but its messages have
  // been moved out.
  void put(std::vector<In>& messages) { tbb_.try_put(Batch<In>{&messages}); }
  void put(In&& message) {
    single_.push_back(std::move(message));
    put(single_);
    single_.clear();
  }

 private:
  static constexpr std::size_t kPiece = 64;
  // The stage measures the time of each kSampling-th message. The number is prime, so that a regular pattern in the
  // messages does not distort the sample.
  static constexpr std::uint64_t kSampling = 61;

  // Passes a batch to the node, kPiece messages at a time, and sends the node's outputs after each piece. All calls
  // share the output struct out_. That is safe, because calls never overlap: one thread runs all nodes of the lane, and
  // since the TBB edges form no cycle, what the node sends cannot come back to it during the call.
  template <std::size_t... I>
  void run(std::vector<In>& messages, typename TbbNode::output_ports_type& ports, std::index_sequence<I...>) noexcept {
    [[maybe_unused]] auto tie = Outputs<Out>::tie(out_);
    for (std::size_t done = 0; done < messages.size();) {
      const std::size_t end = std::min(messages.size(), done + kPiece);
      for (; done < end; ++done) attempt(std::move(messages[done]));
      (send(std::get<I>(tie), std::get<I>(ports), sent_[I]), ...);
    }
  }

  // Passes one message to the node. If the node throws an exception, logs and counts it; the message is then lost.
  void attempt(In&& message) {
    ++messages_;
    try {
      process(std::move(message));
    } catch (const std::exception& e) {
      ++failures_;
      log_.log(LogLevel::error, "Node " + name_ + " failed on a message: " + e.what());
    }
  }

  // Passes one message to the node. If the message belongs to the sample, measures how long the node takes.
  void process(In&& message) {
    if (messages_ != next_sample_) return node_.process(std::move(message), out_);
    next_sample_ += kSampling;
    const Nanos start = clock_now();
    node_.process(std::move(message), out_);
    sampled_ += clock_now() - start;
  }

  // Sends all messages of one output to the receiver, and empties the output's vector. Frees the vector's memory if it
  // has room for more than `usual` messages.
  template <typename T, typename Port>
  static void send(std::vector<T>& messages, Port& port, std::uint64_t& sent) {
    if (messages.empty()) return;
    sent += messages.size();
    port.try_put(Batch<T>{&messages});
    messages.clear();
    constexpr std::size_t usual = 1'024;
    if (messages.capacity() > usual) messages = std::vector<T>();
  }

  Node& node_;
  LogPort& log_;
  std::string name_;
  std::vector<In> single_;  // put() uses this vector to send a single message
  Out out_;
  std::uint64_t messages_ = 0;
  std::uint64_t failures_ = 0;
  std::array<std::uint64_t, kOutputs> sent_{};
  // The number of the next message whose time is measured (messages_ counts the messages from 1). 0: measure() has not
  // been called, and no time is measured.
  std::uint64_t next_sample_ = 0;
  Nanos sampled_ = 0;
  TbbNode tbb_;
};

// An edge that stores its messages for later; a TBB edge would pass them on at once. It passes each batch to the
// function `post`, which adds the messages to a list. `kind` tells the registry where the messages wait. `back`: at the
// end of this lane's queue. `later`: in a list for this lane's next turn (run). `mailbox`: in the mailbox of the lane
// that gets them, if that is another lane.
template <typename T>
class QueuedEdge {
 public:
  using TbbNode = oneapi::tbb::flow::multifunction_node<Batch<T>, std::tuple<oneapi::tbb::flow::continue_msg>,
                                                        oneapi::tbb::flow::lightweight>;
  template <typename Post>
  QueuedEdge(oneapi::tbb::flow::graph& graph, Post post, EdgeKind kind = EdgeKind::mailbox)
      : kind_(kind),
        tbb_(graph, oneapi::tbb::flow::serial,
             [post](const Batch<T>& batch, typename TbbNode::output_ports_type&) noexcept { post(*batch.messages); }) {}

  TbbNode& tbb() { return tbb_; }
  EdgeKind kind() const { return kind_; }

 private:
  EdgeKind kind_;
  TbbNode tbb_;
};

// Connects an output of one stage to another stage by a TBB edge, and adds the edge to the registry. Each output gets
// only one receiver, because the receiver moves the messages out of the output.
template <auto Output, typename From, typename To>
void connect(Registry& registry, From& from, To& to, std::string message) {
  constexpr std::size_t place = From::template place<Output>();
  static_assert(std::is_same_v<typename From::template Message<place>, typename To::Input>, "the message types differ");
  registry.add_edge(
      {from.name(), std::string(From::kOutputNames[place]), to.name(), std::move(message), EdgeKind::direct});
  oneapi::tbb::flow::make_edge(oneapi::tbb::flow::output_port<place>(from.tbb()), to.tbb());
}

// Connects an output of a stage to a QueuedEdge, which stores the messages until they go to the node `to`. Adds the
// edge to the registry.
template <auto Output, typename From, typename T>
void connect(Registry& registry, From& from, QueuedEdge<T>& mailbox, const std::string& to, std::string message) {
  constexpr std::size_t place = From::template place<Output>();
  static_assert(std::is_same_v<typename From::template Message<place>, T>, "the message types differ");
  registry.add_edge({from.name(), std::string(From::kOutputNames[place]), to, std::move(message), mailbox.kind()});
  oneapi::tbb::flow::make_edge(oneapi::tbb::flow::output_port<place>(from.tbb()), mailbox.tbb());
}

}  // namespace resflow
