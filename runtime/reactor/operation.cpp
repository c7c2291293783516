#include "runtime/reactor/operation.hpp"

namespace rouse {
namespace {

bool advance_parts(send_parts& sending, std::size_t sent) noexcept {
    msghdr& header = sending.header;
    while (header.msg_iovlen > 0 && sent >= header.msg_iov->iov_len) {
        sent -= header.msg_iov->iov_len;
        ++header.msg_iov;
        --header.msg_iovlen;
    }
    if (header.msg_iovlen == 0) {
        return true;
    }
    header.msg_iov->iov_base = static_cast<std::byte*>(header.msg_iov->iov_base) + sent;
    header.msg_iov->iov_len -= sent;
    return false;
}

}  // namespace

bool advance_send(one_shot_operation& op, std::size_t sent) noexcept {
    op.progress += sent;
    if (op.kind == operation_kind::send_vector) {
        return advance_parts(*std::get<std::unique_ptr<send_parts>>(op.arguments), sent);
    }
    return op.progress >= std::get<owned_bytes>(op.arguments).size();
}

}  // namespace rouse
