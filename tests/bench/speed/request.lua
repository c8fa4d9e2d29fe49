-- Sends the prepared bodies of a file one after the other, and tells in one line how it went.
-- `@` in a body becomes a name that nobody has been given so far.
local bodies, token, place, sent = {}, nil, 0, 0

function init(arguments)
    local path, header = arguments[1], arguments[2]
    for line in io.lines(path) do bodies[#bodies + 1] = line end
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/json"
    if header then wrk.headers["Authorization"] = header end
    math.randomseed(os.time())
    place = math.random(#bodies)
    token = os.time() .. "-" .. math.random(1000000000)
end

function request()
    place = place % #bodies + 1
    sent = sent + 1
    local body = bodies[place]
    if body:find("@", 1, true) then body = body:gsub("@", token .. "-" .. sent) end
    return wrk.format(nil, nil, nil, body)
end

function done(summary, latency)
    local errors = summary.errors
    io.stdout:write(string.format(
        '\nJSON {"requests": %d, "seconds": %f, "p50": %f, "p99": %f, "failed": %d}\n',
        summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
