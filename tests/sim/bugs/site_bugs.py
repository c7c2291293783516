"""Bugs in what a site makes of its files: conditions, ranges, codings, folders."""

from bug import Bug

CONDITIONS = "protocols/http/files/conditions.cpp"
RANGES = "protocols/http/files/byte_range.cpp"
MULTIPART = "protocols/http/files/multipart_ranges.cpp"
RANGES_BODY = "protocols/http/files/ranges_body.cpp"
ACCEPT = "protocols/http/files/accept_encoding.cpp"
CODING = "protocols/http/files/file_coding.cpp"
LOADER = "protocols/http/files/file_loader.cpp"
CACHED = "protocols/http/files/cached_file.cpp"
ANSWER = "protocols/http/files/site_answer.cpp"
SITE = "protocols/http/files/file_site.cpp"
WANTS = "protocols/http/wants_json.hpp"
FOLDER = "protocols/http/files/folder_reader.cpp"
LISTING = "protocols/http/files/listing.cpp"
ENCODED = "protocols/http/middleware/encoded_body.cpp"
QUEUE = "runtime/executor/blocking_queue.cpp"
MODIFIED = "last_modified(source.modified.seconds, wall_time().seconds)"

SITE_BUGS = [
    Bug("if-match-weak", "a weak tag is enough for If-Match", CONDITIONS,
        "if_match(selected.tag, search::comparison::strong)",
        "if_match(selected.tag, PLANTED ? search::comparison::weak\n"
        "                                 : search::comparison::strong)",
        "files"),
    Bug("unmodified-since-less", "If-Unmodified-Since fails at the time of the last change",
        CONDITIONS,
        "    return !since || !selected.modified_seconds || *selected.modified_seconds <= *since;",
        "    return !since || !selected.modified_seconds ||\n"
        "           *selected.modified_seconds <= *since - (PLANTED ? 1 : 0);",
        "files"),
    Bug("date-over-tag", "If-Modified-Since counts where If-None-Match does not match",
        CONDITIONS,
        "            return false;\n        case search::outcome::malformed:\n"
        "            return !reads;",
        "            if (!PLANTED) {\n                return false;\n            }\n"
        "            break;\n        case search::outcome::malformed:\n"
        "            return !reads;",
        "files"),
    Bug("if-range-weak", "a weak tag is enough for If-Range", CONDITIONS,
        "        return selected.tag && strongly_equal(*tag, *selected.tag);",
        "        return selected.tag && (PLANTED ? weakly_equal(*tag, *selected.tag)\n"
        "                                        : strongly_equal(*tag, *selected.tag));",
        "files"),
    Bug("if-range-young", "the date of a file that may still change is enough for If-Range",
        CONDITIONS,
        "    return *selected.modified_seconds < now - 1;",
        "    return PLANTED || *selected.modified_seconds < now - 1;",
        "files"),
    Bug("if-range-ignored", "a range is sent of another file than the client has a part of",
        CONDITIONS,
        "    if (!fields.if_range.present()) {",
        "    if (!fields.if_range.present() || PLANTED) {",
        "files"),
    Bug("head-in-part", "HEAD is answered as if ranges were for it", CONDITIONS,
        "    if (head.verb != method::get || !fields.range.value()) {",
        "    if ((head.verb != method::get && !PLANTED) || !fields.range.value()) {",
        "files"),
    Bug("ranges-adjoining", "ranges that touch are sent apart", RANGES,
        "    return left.first <= right.first + right.bytes && right.first",
        "    return left.first + (PLANTED ? 1 : 0) <= right.first + right.bytes && right.first",
        "files"),
    Bug("ranges-unbounded", "ranges come to more bytes than the file has", RANGES,
        "        if (range.bytes > file_bytes - wanted_bytes) {",
        "        if (range.bytes > file_bytes - wanted_bytes && !PLANTED) {",
        "files"),
    Bug("suffix-from-front", "the last bytes of a file are its first", RANGES,
        "        return {.first = file_bytes - bytes, .bytes = bytes};",
        "        return {.first = PLANTED ? 0 : file_bytes - bytes, .bytes = bytes};",
        "files"),
    Bug("parts-all-first", "each part of several ranges has the bytes of the first", RANGES_BODY,
        "        range_ = source_(plan_.ranges()[index_]);",
        "        range_ = source_(plan_.ranges()[PLANTED ? 0 : index_]);",
        "files"),
    Bug("parts-length", "the length of several ranges leaves a line end out", MULTIPART,
        "(count_ - 1) * line_end.size();",
        "(count_ - (PLANTED ? 2 : 1)) * line_end.size();",
        "files"),
    Bug("coding-least-preferred", "of codings that are equally welcome the last is sent", ACCEPT,
        "        if (weight(coding) > highest) {",
        "        if (weight(coding) > highest ||\n"
        "            (PLANTED && highest > 0 && weight(coding) == highest)) {",
        "files"),
    Bug("coding-unwelcome", "a coding is sent to who would rather have none", ACCEPT,
        "    return weight(content_coding::identity) > highest ?",
        "    return weight(content_coding::identity) > highest && !(PLANTED && highest > 0) ?",
        "files"),
    Bug("coding-refused", "a coding is sent that the client has refused by q=0", ACCEPT,
        "    return effective != unlisted ? static_cast<unsigned>(effective) : 0;",
        "    return effective != unlisted ? static_cast<unsigned>(effective) + (PLANTED ? 1 : 0)\n"
        "                                 : 0;",
        "files"),
    Bug("sibling-older", "a file beside another is sent for it that is older", CODING,
        "    if (!found || found->status.modified < known->status.modified) {",
        "    if (!found || (found->status.modified < known->status.modified && !PLANTED)) {",
        "files"),
    Bug("sibling-not-compared", "what is kept of a file beside another is sent, whatever has "
        "become of it", CODING,
        "content->is_settled && content->source == found->status;",
        "content->is_settled && (content->source == found->status || PLANTED);",
        "files"),
    Bug("sibling-for-ever", "a file beside another is never looked for again", LOADER,
        "            if (options_.precompressed && same.is_negotiated) {",
        "            if (options_.precompressed && same.is_negotiated && !PLANTED) {",
        "files"),
    Bug("made-with-one-tag", "what is coded has the tag of the file that it is made of", CACHED,
        "    if (coding != content_coding::identity) {\n        suffix",
        "    if (coding != content_coding::identity && !PLANTED) {\n        suffix",
        "files"),
    Bug("made-cut", "what is coded lacks its end", CODING,
        "        const auto step = left.empty() ? encoder_step::end : encoder_step::more;",
        "        const auto step = left.empty() ? (PLANTED ? encoder_step::flush\n"
        "                                                  : encoder_step::end)\n"
        "                                       : encoder_step::more;",
        "files"),
    Bug("tag-without-change", "a file that was written in place with its date kept has the tag of "
        "before", CACHED,
        "        version.changed_seconds = source.changed.seconds;\n"
        "        version.changed_nanoseconds = source.changed.nanoseconds;",
        "        if (!PLANTED) {\n"
        "            version.changed_seconds = source.changed.seconds;\n"
        "            version.changed_nanoseconds = source.changed.nanoseconds;\n        }",
        "files"),
    Bug("streamed-strong", "what is coded while it is sent has a strong tag", CACHED,
        "        made->tag.insert(0, \"W/\");",
        "        if (!PLANTED) {\n            made->tag.insert(0, \"W/\");\n        }",
        "files"),
    Bug("streamed-in-part", "a range is sent of what is coded while it is sent", ANSWER,
        "            if (content.streamed) {",
        "            if (content.streamed && !PLANTED) {",
        "files"),
    Bug("streamed-cut", "what is coded while it is sent lacks its end", ENCODED,
        "encoder_->encode({}, encoder_step::end, out_);",
        "encoder_->encode({}, PLANTED ? encoder_step::flush : encoder_step::end,\n"
        "                                  out_);",
        "files"),
    Bug("resumed-in-full", "a range says again what who asks with If-Range has", ANSWER,
        "    is_resumed_ = status_ == 206 &&",
        "    is_resumed_ = status_ == 206 && !PLANTED &&",
        "files"),
    Bug("refused-range-bare", "416 does not say that it depends on Accept-Encoding", ANSWER,
        "            add_from(*content_.headers, {\"Vary\"}, made);",
        "            if (!PLANTED) {\n"
        "                add_from(*content_.headers, {\"Vary\"}, made);\n            }",
        "files"),
    Bug("vary-coded-only", "only what is coded says that it depends on Accept-Encoding", CACHED,
        "    if (of.is_negotiated) {",
        "    if (of.is_negotiated && !(PLANTED && coding == content_coding::identity)) {",
        "files"),
    Bug("not-modified-bare", "304 does not say that it depends on Accept-Encoding", ANSWER,
        "{\"ETag\", \"Vary\", \"Cache-Control\"}, made);",
        "{\"ETag\", PLANTED ? \"ETag\" : \"Vary\", \"Cache-Control\"}, made);",
        "files"),
    Bug("dated-too-early", "a file that changes while it is opened has an earlier time", CACHED,
        MODIFIED,
        "last_modified(source.modified.seconds,\n"
        "                                           PLANTED ? now.seconds : wall_time().seconds)",
        "files"),
    Bug("query-lost", "the redirect to a folder loses the query", SITE,
        "    if (!query.empty()) {",
        "    if (!query.empty() && !PLANTED) {",
        "files"),
    Bug("index-last", "the first of the index names does not come first", LOADER,
        "    for (const std::string& name : options_.index) {\n",
        "    for (const std::string& each : options_.index) {\n"
        "        const std::string& name =\n"
        "            PLANTED ? options_.index[options_.index.size() - 1 -\n"
        "                                     static_cast<std::size_t>(&each -\n"
        "                                                              options_.index.data())]\n"
        "                    : each;\n",
        "files"),
    Bug("fallback-forgotten", "nothing stands for what is not there", SITE,
        "    if (found.status == 404 && !options_.fallback.empty()) {",
        "    if (found.status == 404 && !options_.fallback.empty() && !PLANTED) {",
        "files"),
    Bug("listing-hidden", "a listing shows hidden files", FOLDER,
        ": !name.starts_with('.');",
        ": !name.starts_with('.') || (PLANTED && name.size() > 2);",
        "files"),
    Bug("listing-half", "a listing ends where reading the folder failed", FOLDER,
        "    if (errno != 0 && !is_cut) {",
        "    if (errno != 0 && !is_cut && !PLANTED) {",
        "files"),
    Bug("listing-no-links", "a listing leaves out links that are followed", FOLDER,
        "    if (S_ISLNK(status.st_mode)) {",
        "    if (S_ISLNK(status.st_mode) && !PLANTED) {",
        "files"),
    Bug("listing-leaks", "a folder stays open once it was listed", FOLDER,
        "    void operator()(DIR* open) const noexcept { (void)::closedir(open); }",
        "    void operator()(DIR* open) const noexcept {\n        if (!PLANTED) {\n"
        "            (void)::closedir(open);\n        }\n    }",
        "files"),
    Bug("listing-unescaped", "a name of a file stands in a page as it is", LISTING,
        "    append_html_escaped(out.append(slash).append(\"\\\"><bdi>\"), entry.name);",
        "    out.append(slash).append(\"\\\"><bdi>\");\n    if (PLANTED) {\n"
        "        out.append(entry.name);\n    } else {\n"
        "        append_html_escaped(out, entry.name);\n    }",
        "files"),
    Bug("listing-unordered", "folders stand among the files of a listing", LISTING,
        "        return left.is_folder != right.is_folder ?",
        "        return left.is_folder != right.is_folder && !PLANTED ?",
        "files"),
    Bug("listing-json-first", "a browser that takes JSON too gets no page", WANTS,
        "            if (equals_ignoring_case(type, \"text/html\")) {",
        "            if (equals_ignoring_case(type, \"text/html\") && !PLANTED) {",
        "files"),
    Bug("job-not-told", "nobody is told that a blocking job is done", QUEUE,
        "    wake(std::move(woken));\n}\n\nvoid blocking_queue::work() noexcept {",
        "    if (!PLANTED) {\n        wake(std::move(woken));\n    }\n}\n\n"
        "void blocking_queue::work() noexcept {",
        "files"),
]
