-- Nothing but the request line, and the same account of it.
function done(summary, latency)
    local errors = summary.errors
    io.stdout:write(string.format(
        '\nJSON {"requests": %d, "seconds": %f, "p50": %f, "p99": %f, "failed": %d}\n',
        summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
