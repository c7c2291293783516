#include "server/setting_manual.hpp"

#include <string_view>

#include "server/setting_table.hpp"
#include "server/setting_value.hpp"

namespace rouse::server {
namespace {

// Text in which mdoc finds no syntax, neither in a line nor, quoted, in a macro's argument.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char letter : text) {
        switch (letter) {
            case '\\':
                out += "\\e";
                break;
            case '"':
                out += "\\(dq";
                break;
            case '-':
                out += "\\-";
                break;
            case '\'':
                out += "\\(aq";
                break;
            default:
                out += letter;
        }
    }
    return out;
}

// A line for each sentence, which is how mdoc knows where one ends. A line must not begin with a
// point or a quote.
std::string sentences(std::string_view text) {
    std::string lines;
    while (!text.empty()) {
        const std::size_t stop = text.find(". ");
        const bool is_last = stop == std::string_view::npos;
        const std::string line = escaped(is_last ? text : text.substr(0, stop + 1));
        lines += (line.starts_with('.') ? "\\&" : "") + line + '\n';
        text.remove_prefix(is_last ? text.size() : stop + 2);
    }
    return lines;
}

std::string item(const setting& entry) {
    return ".It Ic " + std::string(entry.key) + " No = " + escaped(toml_default(entry)) + '\n' +
           sentences(entry.help) +
           sentences("Default " + toml_default(entry) + "; " + limits_text(entry) + '.') +
           ".br\n.Fl " + escaped(flag_of(entry).substr(1)) + " ,\n.Ev " +
           environment_name_of(entry) + '\n';
}

}  // namespace

std::string setting_manual() {
    std::string page;
    std::string_view table;
    for (const setting& entry : setting_table()) {
        if (entry.table != table) {
            page += table.empty() ? "" : ".El\n";
            page += ".Ss [" + std::string(entry.table) + "]\n.Bl -tag -width Ds\n";
            table = entry.table;
        }
        page += item(entry);
    }
    return page + ".El\n";
}

}  // namespace rouse::server
