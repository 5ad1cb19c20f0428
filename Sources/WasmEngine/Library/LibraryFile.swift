/// What the first bytes of a library file say about the machine it is for.
///
/// The dynamic linker's own message for a library of another processor is not one that a person can act on.
package enum LibraryFile {
    enum Format: Equatable {
        case elf(machine: UInt16)
        case machO
        case unknown
    }

    /// ELF machine numbers: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html
    private static let machineNames: [UInt16: String] = [
        3: "x86", 40: "arm", 62: "x86-64", 183: "arm64", 243: "riscv64",
    ]

    #if arch(x86_64)
    package static let hostMachine: UInt16 = 62
    #elseif arch(arm64)
    package static let hostMachine: UInt16 = 183
    #elseif arch(riscv64)
    package static let hostMachine: UInt16 = 243
    #else
    package static let hostMachine: UInt16 = 0
    #endif

    static func format(of header: [UInt8]) -> Format {
        if header.count >= 20, header.starts(with: [0x7F, 0x45, 0x4C, 0x46]) {
            let isBigEndian = header[5] == 2
            let low = UInt16(header[isBigEndian ? 19 : 18])
            let high = UInt16(header[isBigEndian ? 18 : 19])
            return .elf(machine: high << 8 | low)
        }
        let machOMagics: [[UInt8]] = [[0xCF, 0xFA, 0xED, 0xFE], [0xCA, 0xFE, 0xBA, 0xBE]]
        return machOMagics.contains { header.starts(with: $0) } ? .machO : .unknown
    }

    /// Refuses a file that the dynamic linker would refuse, with a reason.
    static func check(path: String) throws(LibraryError) {
        guard let header = Platform.prefix(ofFile: path, count: 64) else {
            throw LibraryError(.unreadable, "\(path) cannot be read (\(Platform.lastErrorText))")
        }
        let format = Self.format(of: header)
        #if canImport(Darwin)
        guard format == .machO else {
            throw LibraryError(.notALibrary, "\(path) is not a library of this system")
        }
        #else
        guard case .elf(let machine) = format else {
            throw LibraryError(.notALibrary, "\(path) is not a library of this system")
        }
        guard machine == Self.hostMachine else {
            let found = Self.machineNames[machine] ?? "processor \(machine)"
            let wanted = Self.machineNames[Self.hostMachine] ?? "processor \(Self.hostMachine)"
            throw LibraryError(.wrongProcessor, "\(path) is for \(found), this program is for \(wanted)")
        }
        #endif
    }
}
