// A node of nodes/ as a node of the flow graph. Serial and lightweight: it runs where messages are put, in order; the
// graph of a lane has no cycles (edges back go through the mailbox), so a put has run to its end when it returns.
//
// Messages travel in batches: what comes in at once is worked off, then what it has brought about leaves at once,
// output by output, and so on down the graph. On each edge the order is that of the messages. A batch is cut into
// pieces of kPiece messages, so that what is on its way stays small, and near.
//
// Owned by its lane, used on its thread only. An exception inside a node is logged with the node's name and counted;
// the message is lost, the graph goes on.
//
// The time spent in the node is estimated from a sample: reading the clock for every message would double its cost.
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

template <typename Tie>
struct BatchesOf;
template <typename... T>
struct BatchesOf<std::tuple<std::vector<T>&...>> {
  using type = std::tuple<Batch<T>...>;
};
// TBB wants at least one port.
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
  // Else vectors of messages copy them when they grow.
  static_assert(std::is_nothrow_move_constructible_v<In>);
  using TbbNode = oneapi::tbb::flow::multifunction_node<Batch<In>, typename detail::BatchesOf<Tie>::type,
                                                        oneapi::tbb::flow::lightweight>;
  static constexpr std::size_t kOutputs = std::tuple_size_v<Tie>;
  static constexpr const auto& kOutputNames = Outputs<Out>::names;
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
  std::uint64_t messages() const { return messages_; }
  std::uint64_t failures() const { return failures_; }
  // The messages that the node has sent, by output, in the order of its list.
  const std::array<std::uint64_t, kOutputs>& sent() const { return sent_; }

  // From now on every kSampling-th message is timed, and stands for all of them.
  void measure() { next_sample_ = messages_ + kSampling; }
  double seconds() const { return static_cast<double>(sampled_) * 1e-9 * kSampling; }

  // Takes the messages apart; the vector is the caller's.
  void put(std::vector<In>& messages) { tbb_.try_put(Batch<In>{&messages}); }
  void put(In&& message) {
    single_.push_back(std::move(message));
    put(single_);
    single_.clear();
  }

 private:
  static constexpr std::size_t kPiece = 64;
  // A prime, so that messages that come in a regular pattern are all sampled alike.
  static constexpr std::uint64_t kSampling = 61;

  // The body could be entered for the next batch before all output of this one is put only if the graph had a cycle; it
  // has none, so one output struct serves all calls.
  template <std::size_t... I>
  void run(std::vector<In>& messages, typename TbbNode::output_ports_type& ports, std::index_sequence<I...>) noexcept {
    [[maybe_unused]] auto tie = Outputs<Out>::tie(out_);
    for (std::size_t done = 0; done < messages.size();) {
      const std::size_t end = std::min(messages.size(), done + kPiece);
      for (; done < end; ++done) attempt(std::move(messages[done]));
      (send(std::get<I>(tie), std::get<I>(ports), sent_[I]), ...);
    }
  }

  void attempt(In&& message) {
    ++messages_;
    try {
      process(std::move(message));
    } catch (const std::exception& e) {
      ++failures_;
      log_.log(LogLevel::error, "Node " + name_ + " failed on a message: " + e.what());
    }
  }

  void process(In&& message) {
    if (messages_ != next_sample_) return node_.process(std::move(message), out_);
    next_sample_ += kSampling;
    const Nanos start = clock_now();
    node_.process(std::move(message), out_);
    sampled_ += clock_now() - start;
  }

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
  std::vector<In> single_;  // a message that is put alone
  Out out_;
  std::uint64_t messages_ = 0;
  std::uint64_t failures_ = 0;
  std::array<std::uint64_t, kOutputs> sent_{};
  std::uint64_t next_sample_ = 0;  // none: counting begins at 1
  Nanos sampled_ = 0;
  TbbNode tbb_;
};

// The sending end of an edge that is no TBB edge: hands the messages of a batch to `post`, which knows where they wait.
// `kind` says whether that may be another lane.
template <typename T>
class MailboxEdge {
 public:
  using TbbNode = oneapi::tbb::flow::multifunction_node<Batch<T>, std::tuple<oneapi::tbb::flow::continue_msg>,
                                                        oneapi::tbb::flow::lightweight>;
  template <typename Post>
  MailboxEdge(oneapi::tbb::flow::graph& graph, Post post, EdgeKind kind = EdgeKind::mailbox)
      : kind_(kind),
        tbb_(graph, oneapi::tbb::flow::serial,
             [post](const Batch<T>& batch, typename TbbNode::output_ports_type&) noexcept { post(*batch.messages); }) {}

  TbbNode& tbb() { return tbb_; }
  EdgeKind kind() const { return kind_; }

 private:
  EdgeKind kind_;
  TbbNode tbb_;
};

// Connects an output of one stage to another stage, and records it. An output has one receiver: messages are owned.
template <auto Output, typename From, typename To>
void connect(Registry& registry, From& from, To& to, std::string message) {
  constexpr std::size_t place = From::template place<Output>();
  static_assert(std::is_same_v<typename From::template Message<place>, typename To::Input>, "the message types differ");
  registry.add_edge(
      {from.name(), std::string(From::kOutputNames[place]), to.name(), std::move(message), EdgeKind::direct});
  oneapi::tbb::flow::make_edge(oneapi::tbb::flow::output_port<place>(from.tbb()), to.tbb());
}

// Connects an output of a stage to the sending end of a mailbox, and records the edge to whom it leads.
template <auto Output, typename From, typename T>
void connect(Registry& registry, From& from, MailboxEdge<T>& mailbox, const std::string& to, std::string message) {
  constexpr std::size_t place = From::template place<Output>();
  static_assert(std::is_same_v<typename From::template Message<place>, T>, "the message types differ");
  registry.add_edge({from.name(), std::string(From::kOutputNames[place]), to, std::move(message), mailbox.kind()});
  oneapi::tbb::flow::make_edge(oneapi::tbb::flow::output_port<place>(from.tbb()), mailbox.tbb());
}

}  // namespace resflow
