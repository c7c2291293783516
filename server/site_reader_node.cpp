#include "server/site_reader_node.hpp"

#include "server/absolute_path.hpp"
#include "server/duration_text.hpp"
#include "server/nearest_name.hpp"
#include "server/quoted_text.hpp"
#include "server/size_text.hpp"

namespace rouse::server {
namespace {

bool has_control(std::string_view text) noexcept {
    return std::ranges::any_of(text, [](char byte) {
        const auto value = static_cast<unsigned char>(byte);
        return value < 0x20 || value == 0x7F;
    });
}

std::string range_text(std::string_view what, const std::string& min, const std::string& max) {
    return std::string(what) + " from " + min + " to " + max;
}

}  // namespace

void site_node::refuse_at(const site_node& other, std::string_view what) const {
    source_->builder.add_problem(other.place(), name_ + ": " + std::string(what));
}

void site_node::refuse_type(std::string_view want) const {
    refuse(wrong_type(*node_) + ": want " + std::string(want));
}

std::optional<std::string> site_node::text_or_empty(std::string_view want) const {
    const auto* const text = node_->as_string();
    if (text == nullptr) {
        refuse_type(want);
        return std::nullopt;
    }
    if (has_control(text->get())) {
        refuse(quoted_text(text->get()) + " has a control character: want " + std::string(want));
        return std::nullopt;
    }
    return text->get();
}

std::optional<std::string> site_node::text(std::string_view want) const {
    auto read = text_or_empty(want);
    if (read && read->empty()) {
        refuse("\"\" is empty: want " + std::string(want));
        return std::nullopt;
    }
    return read;
}

std::string site_node::secret() const {
    const auto* const text = node_->as_string();
    return text != nullptr ? text->get() : std::string();
}

void site_node::read_path(std::string_view want, std::string& into) const {
    const auto* const text = node_->as_string();
    if (text == nullptr) {
        refuse_type(want);
        return;
    }
    const std::size_t slash = source_->path.rfind('/');
    const std::string folder =
        slash == std::string::npos ? std::string() : source_->path.substr(0, slash + 1);
    auto path = readable_path(folder, text->get());
    if (!path) {
        refuse(path.error() + ": want " + std::string(want));
        return;
    }
    into = std::move(*path);
}

void site_node::read(std::string_view want, std::string& into) const {
    if (auto read = text(want)) {
        into = std::move(*read);
    }
}

void site_node::read(bool& into) const {
    if (const auto* const flag = node_->as_boolean()) {
        into = flag->get();
    } else {
        refuse_type("true or false");
    }
}

void site_node::read_count(unsigned min, unsigned max, unsigned& into) const {
    const std::string want = range_text("a whole number", std::to_string(min), std::to_string(max));
    const auto* const number = node_->as_integer();
    if (number == nullptr) {
        refuse_type(want);
    } else if (number->get() < min || number->get() > max) {
        refuse(std::to_string(number->get()) + " is out of range: want " + want);
    } else {
        into = static_cast<unsigned>(number->get());
    }
}

void site_node::read_size(std::size_t min, std::size_t max, std::size_t& into) const {
    const std::string want =
        range_text("a size", size_text(min), size_text(max)) + " in bytes, KiB, MiB, GiB or TiB";
    const auto* const text = node_->as_string();
    const auto* const number = node_->as_integer();
    if (text == nullptr && number == nullptr) {
        refuse_type(want);
        return;
    }
    const std::string shown =
        text != nullptr ? quoted_text(text->get()) : std::to_string(number->get());
    const auto size =
        parse_size(text != nullptr ? std::string_view(text->get()) : std::string_view(shown));
    if (!size) {
        refuse(shown + " is not a size: want " + want);
    } else if (*size < min || *size > max) {
        refuse(shown + " is out of range: want " + want);
    } else {
        into = *size;
    }
}

void site_node::read_duration(std::chrono::milliseconds min, std::chrono::milliseconds max,
                              std::chrono::milliseconds& into) const {
    const std::string want =
        range_text("a duration", duration_text(min), duration_text(max)) + " in ms, s, m or h";
    const auto* const text = node_->as_string();
    if (text == nullptr) {
        refuse_type(want);
        return;
    }
    const auto duration = parse_duration(text->get());
    if (!duration) {
        refuse(quoted_text(text->get()) + " is not a duration: want " + want);
    } else if (*duration < min || *duration > max) {
        refuse(quoted_text(text->get()) + " is out of range: want " + want);
    } else {
        into = *duration;
    }
}

std::vector<site_node> site_node::elements(std::size_t count_max, std::string_view want) const {
    std::vector<site_node> found;
    const toml::array* const list = node_->as_array();
    if (list == nullptr) {
        refuse_type("a list of up to " + std::to_string(count_max) + ' ' + std::string(want));
        return found;
    }
    if (list->size() > count_max) {
        refuse(std::to_string(list->size()) + ' ' + std::string(want) + ", but at most " +
               std::to_string(count_max) + " are allowed");
        return found;
    }
    for (const toml::node& element : *list) {
        found.emplace_back(element, name_, *source_);
    }
    return found;
}

void site_node::read_list(std::size_t count_max, std::string_view want,
                          std::vector<std::string>& into) const {
    std::vector<std::string> texts;
    const std::string one_of = "text, one of the " + std::string(want);
    for (const site_node& each : elements(count_max, want)) {
        if (auto text = each.text(one_of)) {
            texts.push_back(std::move(*text));
        }
    }
    if (node_->is_array()) {
        into = std::move(texts);
    }
}

std::vector<site_node::field> site_node::fields(std::size_t count_max,
                                                std::string_view want) const {
    std::vector<field> found;
    const toml::table* const table = node_->as_table();
    if (table == nullptr) {
        refuse_type(want);
        return found;
    }
    if (table->size() > count_max) {
        refuse(std::to_string(table->size()) + " entries, but at most " +
               std::to_string(count_max) + " are allowed");
        return found;
    }
    for (const auto& [key, node] : in_order(*table)) {
        found.push_back({key, site_node(*node, name_ + '.' + std::string(key->str()), *source_)});
    }
    return found;
}

void site_node::refuse_key(const field& unknown, std::span<const std::string> known) const {
    const std::string table = name_ == "site" ? "[[site]]" : name_;
    source_->builder.add_problem(unknown.place(), "unknown key " + quoted_text(unknown.name()) +
                                                      " in " + table +
                                                      suggestion(unknown.name(), known));
}

}  // namespace rouse::server
