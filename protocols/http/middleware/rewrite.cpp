#include "protocols/http/middleware/rewrite.hpp"

#include <memory>
#include <utility>

#include "protocols/http/middleware/path_rule.hpp"

namespace rouse::http {

std::expected<middleware, std::string> make_rewrite(const std::vector<rewrite_rule>& rules) {
    if (rules.size() > path_rules_max) {
        return std::unexpected("rewrite: more than " + std::to_string(path_rules_max) + " rules");
    }
    auto compiled = std::make_shared<std::vector<path_rule>>();
    for (const rewrite_rule& each : rules) {
        auto rule = path_rule::parse(each.from, each.to, target_kind::path);
        if (!rule) {
            return std::unexpected("rewrite: " + rule.error());
        }
        compiled->push_back(*std::move(rule));
    }
    return middleware(
        [kept = std::shared_ptr<const std::vector<path_rule>>(std::move(compiled))](handler inner) {
            return with_request(std::move(inner), [kept](request& asked) {
                for (const path_rule& each : *kept) {
                    if (auto target = each.apply(asked.path(), asked.query())) {
                        asked.rewrite(std::move(target->path), std::move(target->query));
                        return;
                    }
                }
            });
        });
}

}  // namespace rouse::http
