#include "tests/sim/limits/visit.hpp"

namespace rouse::sim {

void visit::fail(std::string_view what) const {
    scene_.run.fail("client " + std::to_string(client_) + ": " + std::string(what));
}

void visit::act() {
    (void)line_.take_news();
    step();
    if (!is_over_ && (line_.is_reset() || line_.at_end() || line_.is_broken())) {
        ended();
        leave();
    }
}

void visit::leave() {
    if (!is_over_) {
        line_.close_client(false);
        is_over_ = true;
    }
}

void visit::read_all() {
    const std::string_view there = line_.readable();
    if (!there.empty()) {
        text_ += there;
        line_.take(there.size());
    }
}

int visit::take_head(answer_head& into) {
    constexpr std::string_view head_end = "\r\n\r\n";
    const std::size_t end = text_.find(head_end);
    if (end == std::string::npos) {
        return 0;
    }
    const std::string head = text_.substr(0, end + head_end.size());
    text_.erase(0, head.size());
    const std::size_t line_end = head.find("\r\n");
    const int status = parse_status_line(head.substr(0, line_end));
    const auto wrong = parse_header_lines(std::string_view(head).substr(line_end + 2), {}, into);
    if (status == 0 || wrong) {
        fail(wrong.value_or("gets what is no answer"));
    }
    return status;
}

}  // namespace rouse::sim
