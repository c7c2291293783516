#include "runtime/fs/file.hpp"

#include <algorithm>
#include <cassert>
#include <memory>
#include <utility>
#include <variant>

namespace rouse {

poll<result<file_status>> stat_future::poll(context& cx) noexcept {
    if (!operation_) {
        return result<file_status>(failure(errc::limit_exceeded));
    }
    const auto answer = operation_.take(cx);
    if (!answer) {
        return pending;
    }
    const operation_handle done = std::move(operation_);
    if (answer->result < 0) {
        return result<file_status>(failure(completion_error(answer->result)));
    }
    return result<file_status>(
        to_file_status(*std::get<std::unique_ptr<struct statx>>(done.record().arguments)));
}

poll<result<file_block>> read_future::poll(context& cx) noexcept {
    if (!operation_) {
        return result<file_block>(failure(errc::limit_exceeded));
    }
    const auto answer = operation_.take(cx);
    if (!answer) {
        return pending;
    }
    const operation_handle done = std::move(operation_);
    if (answer->result < 0) {
        return result<file_block>(failure(completion_error(answer->result)));
    }
    file_block& filled = std::get<file_read>(done.record().arguments).block;
    filled.commit(static_cast<std::size_t>(answer->result));
    return result<file_block>(std::move(filled));
}

result<file> file::adopt(reactor& io, unique_fd opened) {
    auto adopted = io.adopt(std::move(opened));
    if (!adopted) {
        return failure(adopted.error());
    }
    return file(std::move(*adopted));
}

stat_future file::status() const {
    reactor& io = descriptor_.io();
    auto record = io.make_one_shot(operation_kind::stat, descriptor_.shared());
    if (!record) {
        return stat_future({});
    }
    operation_handle asked(io, **record);
    (*record)->arguments = std::make_unique<struct statx>();
    return stat_future(std::move(asked));
}

read_future file::read(file_block into, std::uint64_t offset, std::size_t bytes_max) const {
    assert(offset <= static_cast<std::uint64_t>(INT64_MAX));
    assert(!into.room().empty() && bytes_max > 0);  // Else no answer could tell the end.
    reactor& io = descriptor_.io();
    auto record = io.make_one_shot(operation_kind::read, descriptor_.shared());
    if (!record) {
        return read_future({});
    }
    const std::size_t wanted = std::min(into.room().size(), bytes_max);
    (*record)->arguments = file_read{std::move(into), offset, wanted};
    return read_future(operation_handle(io, **record));
}

}  // namespace rouse
