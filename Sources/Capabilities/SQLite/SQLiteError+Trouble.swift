package import SQLite

extension SQLiteError: TroubleSource {
    package var trouble: Trouble? { self.hint.map { Trouble(kind: "\(self.kind)", hint: $0) } }

    private var hint: String? {
        switch self.kind {
        case .locked:
            "another program holds it for too long: stop that program, or name another file in the runtime config"
        case .readOnly: "make the file and its folder writable for this user; until then it can only be read"
        case .full: "free some space on its disk; what could not be written was reported to the guest as an error"
        case .corrupt:
            "restore it from a copy, or move it away, with the files beside it that end in -wal and -shm, to begin anew"
        case .cannotOpen: "see that its folder is there and this user may read and write in it"
        case .io: "look at the disk that it is on"
        case .outOfMemory:
            "statements and databases in memory need more than half of this machine's memory, or than 4 GiB: give it more, "
                + "or keep databases in files"
        case .interrupted, .denied, .tooBig, .other: nil
        }
    }
}
