package import ComponentModel

/// The two snapshots of WASI from 2023 that components of the time still import.
///
/// Most of their functions are those of 0.2 with the same types, so they are the same functions, under other versions.
/// What differs is listed in ``Snapshot20231018`` and ``Snapshot20231110``.
package enum Snapshots {
    static let october = VersionRange(from: "0.2.0-rc-2023-10-18", below: "0.2.0-rc-2023-10-19")
    static let november = VersionRange(from: "0.2.0-rc-2023-11-10", below: "0.2.0-rc-2023-11-11")

    /// All interfaces of both.
    package static let interfaces: [HostInterface] =
        (Self.same + [
            WasiIoError.interface, WasiIoPoll.interface, WasiIoStreams.interface,
            WasiClocksMonotonicClock.interface, WasiFilesystemTypes.interface, WasiSocketsIpNameLookup.interface,
            WasiHttpOutgoingHandler.interface,
        ]).map { $0.serving(Self.november) }
        + Snapshot20231110.interfaces
        + Self.same.map { $0.serving(Self.october) } + Snapshot20231018.interfaces

    /// Those that 0.2 and both snapshots have alike.
    private static let same = [
        WasiClocksWallClock.interface, WasiRandomRandom.interface, WasiRandomInsecure.interface,
        WasiRandomInsecureSeed.interface, WasiCliEnvironment.interface, WasiCliExit.interface, WasiCliStdin.interface,
        WasiCliStdout.interface, WasiCliStderr.interface, WasiCliTerminalInput.interface,
        WasiCliTerminalOutput.interface, WasiCliTerminalStdin.interface, WasiCliTerminalStdout.interface,
        WasiCliTerminalStderr.interface, WasiFilesystemPreopens.interface,
        WasiSocketsNetwork.interface, WasiSocketsInstanceNetwork.interface, WasiSocketsTcpCreateSocket.interface,
        WasiSocketsUdpCreateSocket.interface,
    ]
}

extension HostInterface {
    /// The same interface under another version, with other functions.
    func serving(_ range: VersionRange, functions: [HostFunction], without dropped: Set<String> = []) -> HostInterface {
        HostInterface(
            name: self.name, versions: [range], resources: self.resources.filter { !dropped.contains($0.key) },
            functions: functions)
    }

    /// The same interface under another version.
    func serving(_ range: VersionRange) -> HostInterface {
        HostInterface(name: self.name, versions: [range], resources: self.resources, functions: self.functions)
    }

    /// The function `name`, under another name or with another text of its type, which must be flattened alike.
    func function(_ name: String, as newName: String? = nil, signature: (String) -> String = { $0 }) -> [HostFunction] {
        self.functions.filter { $0.name == name }.map {
            HostFunction(name: newName ?? name, signature: signature($0.signature), call: $0.call)
        }
    }
}
