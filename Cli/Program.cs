Console.WriteLine("spike");
