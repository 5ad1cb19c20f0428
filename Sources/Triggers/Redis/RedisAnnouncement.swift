import AppModel
import RedisClient

/// What `swirl up` says once the channels of a Redis server are active, in Spin's words.
package struct RedisAnnouncement {
    private let server: RedisTriggerPlan.Server

    package init(_ server: RedisTriggerPlan.Server) {
        self.server = server
    }

    package var text: String {
        let place = "\(self.server.address.urlHost):\(self.server.address.port)"
        let channels = self.server.channels.sorted { $0.key < $1.key }.map { channel, components in
            "\t\(place)/\(channel): [\(components.joined(separator: ","))]\n"
        }
        return "Active Channels on \(place):\n" + channels.joined()
    }

    /// Programs that read the routes as JSON expect nothing else.
    func print(_ format: HTTPTriggerOptions.ListingFormat) {
        if format != .json { OutputDescriptor.standardOutput.write(self.text) }
    }
}
