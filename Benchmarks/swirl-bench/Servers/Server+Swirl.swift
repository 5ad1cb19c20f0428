import Foundation

extension Server {
    /// `swirl up` of one component on every path, with `swirl`'s own defaults.
    ///
    /// - Parameters:
    ///   - others: more components, each on the path of its name.
    ///   - outboundHosts: where the component may send requests.
    ///   - arguments: more of them for `swirl up`.
    ///   - settings: lines of the component's table.
    ///   - secondsToStart: long enough to compile the component.
    static func swirl(
        _ guest: String, label: String, in setting: Setting, others: [String] = [], outboundHosts: [String] = [],
        arguments: [String] = [], settings: String = "", secondsToStart: Double = 30
    ) throws -> Server {
        let name = URL(filePath: guest).deletingPathExtension().lastPathComponent
        let folder = setting.folder.appending(path: "app-\(name)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let manifest = folder.appending(path: "spin.toml")
        let more = others.map { guest in
            let name = URL(filePath: guest).deletingPathExtension().lastPathComponent
            return """
                [[trigger.http]]
                route = "/\(name)"
                component = "\(name)"
                [component.\(name)]
                source = "\(guest)"

                """
        }
        try """
        spin_manifest_version = 2

        [application]
        name = "\(name)"

        [[trigger.http]]
        route = "/..."
        component = "\(name)"

        [component.\(name)]
        source = "\(guest)"
        allowed_outbound_hosts = [\(outboundHosts.map { "\"\($0)\"" }.joined(separator: ", "))]
        \(settings)

        \(more.joined())
        """.write(to: manifest, atomically: true, encoding: .utf8)
        let process = try ChildProcess(
            try setting.executable("swirl"),
            ["up", "-f", manifest.path(percentEncoded: false), "--listen", "127.0.0.1:0", "--log-dir", ""] + arguments,
            name: "swirl-\(name)", folder: folder)
        return try Server(label: label, process: process, secondsToStart: secondsToStart)
    }
}
