import Executor
import WasmEngine

/// The components of an application, ready to be called, by what calls them.
struct ApplicationComponents {
    /// By their ids.
    var http: [String: HTTPComponent] = [:]
    /// Those that are run by the rules of Wagi, by the ids of their triggers.
    var programs: [String: WagiProgram] = [:]
    /// By their ids.
    var redis: [String: RedisComponent] = [:]

    /// How many instances the engine's pool holds at a time, whichever they are of; nil without a pool.
    func capacity(in engine: Engine) -> Int? {
        let capacities =
            self.http.values.map { $0.capacity(of: engine) } + self.programs.values.map { $0.capacity(of: engine) }
            + self.redis.values.map { $0.capacity(of: engine) }
        return capacities.compactMap { $0 }.min()
    }
}
