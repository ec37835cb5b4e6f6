# What the Director has loaded before any template runs, so that templates need not require it.

# IPAddr wants socket constants; there are no sockets here, and asking for the library answers as if it were loaded.
class SocketError < StandardError; end

class Socket
  AF_UNSPEC = 0
  AF_INET = 2
  AF_INET6 = 10
end

class IPSocket
  def self.getaddress(name)
    raise SocketError, "getaddrinfo: #{name} (templates have no network)"
  end
end

$LOADED_FEATURES << 'socket.so' << 'socket.rb' << 'io/wait.so'

%w[
  erb json yaml ostruct time date digest digest/sha1 digest/sha2 uri openssl securerandom shellwords base64 set zlib pathname tmpdir fileutils tempfile
  stringio ipaddr cgi/escape cgi/util forwardable delegate logger monitor optparse singleton timeout
].each { |library| require library }

# The bridge to JavaScript is cut on the outside, where a call ends the whole VM; here it is simply not there, which is the clearer error.
module Kernel
  load_library = instance_method(:require)
  define_method(:require) do |name|
    raise LoadError, "cannot load such file -- #{name}" if name.to_s.match?(%r{\Ajs(\.so|\.rb|/.*)?\z})

    load_library.bind_call(self, name)
  end
  module_function :require
end

# There are no threads to watch the clock; a template that takes too long is ended from outside.
module Timeout
  def self.timeout(seconds = nil, *) = yield(seconds)
  private def timeout(*given, &) = Timeout.timeout(*given, &)
end

# There are no processes here; without this some of these calls would quietly answer nil.
module NoProcesses
  def self.refuse(owner, *names)
    names.each do |name|
      owner.define_method(name) { |*| raise NotImplementedError, "#{name}() function is unimplemented on this machine" }
    end
  end
end

[Kernel, Kernel.singleton_class].each { |owner| NoProcesses.refuse(owner, :`, :system, :spawn, :fork, :exec, :syscall, :trap) }
NoProcesses.refuse(Process.singleton_class, :spawn, :fork, :exec, :kill, :daemon, :detach, :wait, :wait2, :waitall, :waitpid)
NoProcesses.refuse(IO.singleton_class, :popen)
NoProcesses.refuse(Signal.singleton_class, :trap)
Kernel.send(:private, :`, :system, :spawn, :fork, :exec, :syscall, :trap)

# Ending the process is an error of the template, with its line.
[Kernel, Kernel.singleton_class, Process.singleton_class].each do |owner|
  owner.define_method(:exit!) { |status = false| raise SystemExit.new(status, 'exit!') }
end
Kernel.send(:private, :exit!)

class Object
  def to_openstruct = self

  def blank?
    respond_to?(:empty?) ? !!empty? : !self
  end

  def present? = !blank?

  def presence
    self if present?
  end
end

class String
  def blank?
    empty? || match?(/\A[[:space:]]*\z/)
  rescue Encoding::CompatibilityError
    encode(Encoding::UTF_8).match?(/\A[[:space:]]*\z/)
  end
end

class Numeric
  def blank? = false
end

class Time
  def blank? = false
end

class Array
  def to_openstruct = map(&:to_openstruct)
end

class Hash
  def to_openstruct = OpenStruct.new(transform_values(&:to_openstruct))

  # Deep only where both sides are plain hashes.
  def recursive_merge(other)
    merge(other) { |_key, mine, theirs| mine.instance_of?(Hash) && theirs.instance_of?(Hash) ? mine.recursive_merge(theirs) : theirs }
  end
end
