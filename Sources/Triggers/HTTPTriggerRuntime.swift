package import AppModel

/// Serves the HTTP triggers of an application. A stub until the runtime lands.
package enum HTTPTriggerRuntime {
    struct NotThereYet: Error, CustomStringConvertible {
        var description: String { "the HTTP runtime is not part of this build" }
    }

    /// Serves until the process is told to end, then lets running requests finish and returns.
    package static func run(app: LockedApp, options: TriggerOptions) async throws {
        throw NotThereYet()
    }
}
