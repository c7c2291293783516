#pragma once

#include "protocols/http/handler.hpp"

namespace rouse::http {

/// Calls a handler that has not been asked for an answer at once yet, from a handler that had to
/// wait first: both of its steps, each with a request object of its own as handler.hpp has it.
/// `called` and `asked` outlive the task.
[[nodiscard]] task<response> call_whole(const handler& called, request& asked);

}  // namespace rouse::http
