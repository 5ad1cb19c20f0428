/// What the loop's list of connections needs to know of each: HTTP/1 and HTTP/2 alike.
protocol ServerConnection: AnyObject {
    /// Place in the list of the loop.
    var index: Int { get set }
    /// Called about once a second.
    func tick()
    /// For a graceful shutdown.
    func closeWhenIdle()
    /// Closes the socket now, whatever it still has to send.
    func cut(_ reason: String, isTimeout: Bool)
}

extension HTTP1Connection: ServerConnection {}
