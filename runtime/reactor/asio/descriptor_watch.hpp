#pragma once

#include <asio/io_context.hpp>
#include <asio/posix/basic_stream_descriptor.hpp>

#include "runtime/base/intrusive_list.hpp"
#include "runtime/reactor/operation.hpp"

namespace rouse::epoll {

struct watches_of_reactor;

/// A descriptor with the operations that wait for it, first in, first out. It lives until its
/// descriptor is closed, and Asio has given back its wait.
struct descriptor_watch : intrusive_link<watches_of_reactor> {
    using operation_queue = intrusive_list<operation, operations_of_reactor>;
    using asio_descriptor = asio::posix::basic_stream_descriptor<asio::io_context::executor_type>;

    explicit descriptor_watch(asio::io_context& host) : to_write(host.get_executor()) {}

    operation_queue reads;
    operation_queue writes;
    asio_descriptor to_write;  ///< Asio has it from the first write that waits.
    bool is_write_armed = false;
    bool is_in_read_set = false;
    bool has_ended = false;  ///< The peer sends no more, or there is an error to be read.
    bool is_closed = false;
};

}  // namespace rouse::epoll
