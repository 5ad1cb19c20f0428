package import ComponentModel

/// WASI 0.2: one implementation for every 0.2.x and the snapshots before it.
package enum WASI {
    /// Everything that a component may import.
    package static let interfaces: [HostInterface] = Self.release + Snapshots.interfaces

    /// Those of 0.2.
    private static let release: [HostInterface] = [
        WasiIoError.interface, WasiIoPoll.interface, WasiIoStreams.interface,
        WasiClocksMonotonicClock.interface, WasiClocksWallClock.interface,
        WasiRandomRandom.interface, WasiRandomInsecure.interface, WasiRandomInsecureSeed.interface,
        WasiCliEnvironment.interface, WasiCliExit.interface, WasiCliStdin.interface, WasiCliStdout.interface,
        WasiCliStderr.interface, WasiCliTerminalInput.interface, WasiCliTerminalOutput.interface,
        WasiCliTerminalStdin.interface, WasiCliTerminalStdout.interface, WasiCliTerminalStderr.interface,
        WasiFilesystemTypes.interface, WasiFilesystemPreopens.interface,
        WasiSocketsNetwork.interface, WasiSocketsInstanceNetwork.interface, WasiSocketsIpNameLookup.interface,
        WasiSocketsTcp.interface, WasiSocketsTcpCreateSocket.interface, WasiSocketsUdp.interface,
        WasiSocketsUdpCreateSocket.interface,
        WasiHttpTypes.interface, WasiHttpOutgoingHandler.interface,
    ]
}
