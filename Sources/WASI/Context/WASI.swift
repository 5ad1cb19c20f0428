package import ComponentModel

/// WASI 0.2: one implementation for every 0.2.x and the snapshots before it.
package enum WASI {
    /// Everything that a component may import.
    package static let interfaces: [HostInterface] =
        [
            WasiIoError.interface, WasiIoPoll.interface, WasiIoStreams.interface,
            WasiClocksMonotonicClock.interface, WasiClocksWallClock.interface,
            WasiRandomRandom.interface, WasiRandomInsecure.interface, WasiRandomInsecureSeed.interface,
            WasiCliEnvironment.interface, WasiCliExit.interface, WasiCliStdin.interface, WasiCliStdout.interface,
            WasiCliStderr.interface, WasiCliTerminalInput.interface, WasiCliTerminalOutput.interface,
            WasiCliTerminalStdin.interface, WasiCliTerminalStdout.interface, WasiCliTerminalStderr.interface,
            WasiFilesystemTypes.interface, WasiFilesystemPreopens.interface,
            WasiHttpTypes.interface, WasiHttpOutgoingHandler.interface,
        ] + Snapshots.interfaces
}
