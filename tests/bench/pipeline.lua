-- wrk script: every write carries `depth` requests (16, or the first argument after "--").
local batch

init = function(arguments)
  local depth = tonumber(arguments[1]) or 16
  local requests = {}
  for i = 1, depth do
    requests[i] = wrk.format()
  end
  batch = table.concat(requests)
end

request = function()
  return batch
end
