package import ComponentModel

/// WASI: one implementation for every 0.2.x, the snapshots before it, and 0.3 with its release candidate.
package enum WASI {
    /// Everything that a component may import.
    package static let interfaces: [HostInterface] = Self.release2 + Self.release3 + Snapshots.interfaces

    private static let release2: [HostInterface] = [
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

    private static let release3: [HostInterface] = [
        WasiClocksTypesV3.interface, WasiClocksMonotonicClockV3.interface, WasiClocksSystemClockV3.interface,
        WasiClocksTimezoneV3.interface,
        WasiRandomRandomV3.interface, WasiRandomInsecureV3.interface, WasiRandomInsecureSeedV3.interface,
        WasiCliEnvironmentV3.interface, WasiCliExitV3.interface, WasiCliTypesV3.interface,
        WasiCliStdinV3.interface, WasiCliStdoutV3.interface, WasiCliStderrV3.interface,
        WasiCliTerminalInputV3.interface, WasiCliTerminalOutputV3.interface,
        WasiCliTerminalStdinV3.interface, WasiCliTerminalStdoutV3.interface, WasiCliTerminalStderrV3.interface,
        WasiFilesystemTypesV3.interface, WasiFilesystemPreopensV3.interface,
        WasiSocketsTypesV3.interface, WasiSocketsIpNameLookupV3.interface,
        WasiHttpTypesV3.interface, WasiHttpClientV3.interface,
    ]
}
