#pragma once

#include <string_view>

namespace rouse::test {

// NOLINTBEGIN(bugprone-suspicious-missing-comma): long lines are broken, no comma is missing.

/// Of "open sesame", by `htpasswd -nbB` and by mkpasswd with each of its methods.
inline constexpr std::string_view open_sesame_hashes[] = {
    "$2y$05$iACVkgp/fIPT6rJEOfMXceOwW1Y724Y7ixpepcRn9vg84M/wZ2iES",
    "$2b$05$cYmUqfgGBHANwBhq2JUqQu6UQ7LDzfwYkTy9NDSzNPjURaNEPI4ai",
    "$2a$05$iCXd/26Sjh9eQ39w9nKU.OYgrUrfEb68h0.F3Q4hRXMLslG8n6yIW",
    "$6$rounds=1000$GRAmn0NKzOyXJOt6$mqZnmCAKt."
    "0S9Yu7eRIgUcEjaNkY8Tnpb3YD8GwpG0JnF5wipOUZyn5LvUuJCFHUxqtcUxuuktQpiyVacoez11",
    "$6$xSfk6OLrJiZi6DP/$wEM1LFQZPbZjhjzSDk0pgcUdo5KwIQO8Yv/0NsNt8YPtWzVlcpsTnkxSp/"
    "xvhEZ44doHmlTfaLT09HIdO4s4x/",
    "$5$rounds=1000$qa2LTGdHkcId.p9R$sR7n0olTJj/fyfS8gzfYboaJim4ornBLYBfQ6KnjETD",
    "$y$j75$AC2uTRxFQnuKfXFIhgGJt0$76GeDDlOQSBDN8.xgaX4/klqii3G.qkXGAfU9SNA9U.",
    "$gy$j75$oNlRhFMhhJy1kh9QSyw881$0n9Xu6AqorE0JdANvO3Y/ItIzkyAqQj212Oma36Vjr8",
    "$7$BU..../....pNhD.q/7cMi0q.d1aKFy21$o1FPf/WVQAPHhEqY8l8OW8edv4TTpXXdvCekiPDHTD1",
};
inline constexpr const char* open_sesame_bcrypt =
    "$2y$05$iACVkgp/fIPT6rJEOfMXceOwW1Y724Y7ixpepcRn9vg84M/wZ2iES";

/// Plain text, the weak formats of the same tools, formats that are broken, and costs that keep a
/// thread for too long.
inline constexpr std::string_view refused_hashes[] = {
    "$1$dlcBn/GF$Fpz93hF1KvQaZhL978Zop0",
    "wPHHOMYyD7LxY",
    "{SHA}W8r/fyL/UzygmbNAjq2HbA67qac=",
    "$apr1$yQfJjoeW$EXyQVc4j1Rtu6M9mAfy14.",
    "$3$$eddcf896aaf1f0c3f83d4daa964f17bf",
    "$md5,rounds=33952$F3GDEP.T$$8V15HHDQJ8qCraLO604A6.",
    "_J9..QGwYWKZHht4Ii9.",
    "open sesame",
    "",
    "$",
    "$2y$",
    "$2x$05$iACVkgp/fIPT6rJEOfMXceOwW1Y724Y7ixpepcRn9vg84M/wZ2iES",
    "$2y$04$iACVkgp/fIPT6rJEOfMXceOwW1Y724Y7ixpepcRn9vg84M/wZ2iES",
    "$2y$31$iACVkgp/fIPT6rJEOfMXceOwW1Y724Y7ixpepcRn9vg84M/wZ2iES",
    "$2y$x5$iACVkgp/fIPT6rJEOfMXceOwW1Y724Y7ixpepcRn9vg84M/wZ2iES",
    "$2y$05$iACVkgp/fIPT6rJEOfMXceOwW1Y724Y7ixpepcRn9vg84M/wZ2iE:",
    "$6$rounds=999999999$GRAmn0NKzOyXJOt6$mqZnmCAKt."
    "0S9Yu7eRIgUcEjaNkY8Tnpb3YD8GwpG0JnF5wipOUZyn5LvUuJCFHUxqtcUxuuktQpiyVacoez11",
    "$6$rounds=1e3$GRAmn0NKzOyXJOt6$mqZnmCAKt."
    "0S9Yu7eRIgUcEjaNkY8Tnpb3YD8GwpG0JnF5wipOUZyn5LvUuJCFHUxqtcUxuuktQpiyVacoez11",
    "$6$salt$",
    "*",
    "!",
    "$9$05$iACVkgp/fIPT6rJEOfMXceOwW1Y724Y7ixpepcRn9vg84M/wZ2iES",
};

// NOLINTEND(bugprone-suspicious-missing-comma)

}  // namespace rouse::test
